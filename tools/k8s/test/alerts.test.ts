import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { consumingServices, services } from '@tallystick/contracts';
import { parseManifests } from '../src/manifest.ts';
import { KUBERNETES } from '../src/render.ts';
import { createValidator } from '../src/schemas/validate.ts';

interface Alert {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: Record<string, string>;
}

const ROOT = join(KUBERNETES, '..', '..');
const manifests = parseManifests(readFileSync(join(KUBERNETES, 'components/alerts/rules.yaml'), 'utf8'));
const alerts = manifests.flatMap(({ spec }) =>
  (spec as { groups: { rules: Alert[] }[] }).groups.flatMap(({ rules }) => rules),
);

test('the rules are valid to the operator', () => {
  expect(manifests.flatMap(createValidator())).toEqual([]);
});

describe.each(alerts.map((alert) => [alert.alert, alert] as const))('the alert %s', (_name, alert) => {
  test('says what is so, how much it matters, and which runbook is to be read', () => {
    expect(['critical', 'warning']).toContain(alert.labels.severity);
    expect(alert.annotations['summary']).toBeTruthy();
    expect(existsSync(join(ROOT, alert.annotations['runbook']!))).toBe(true);
  });

  test('is about this installation, by metrics whose origin is named', () => {
    const metrics = alert.expr.match(/[a-z]+_[a-z_]+(?=\{)/g) ?? [];
    expect(metrics.length).toBeGreaterThan(0);
    for (const metric of metrics) expect(metric).toMatch(/^(kube|kubelet|kafka|tallystick)_/);
    // The services' own bear their service's name, and the collector's namespace.
    const foreign = metrics.filter((metric) => !metric.startsWith('tallystick_'));
    expect(alert.expr.match(/namespace="tallystick"/g) ?? []).toHaveLength(foreign.length);
    expect(alert.expr.match(/service_name=~?"/g) ?? []).toHaveLength(metrics.length - foreign.length);
    expect(alert.expr.split('(')).toHaveLength(alert.expr.split(')').length);
  });
});

test('every service is watched, and the lag of each that consumes', () => {
  const namedBy = (label: string) =>
    alerts.flatMap(({ expr }) =>
      [...expr.matchAll(new RegExp(`${label}=~"([^"]+)"`, 'g'))].map(([, names]) => names),
    );
  expect([...new Set(namedBy('deployment'))]).toEqual([services.join('|')]);
  expect(namedBy('consumergroup')).toEqual([consumingServices().join('|')]);
  expect(namedBy('service_name')).toEqual([consumingServices().join('|')]);
});
