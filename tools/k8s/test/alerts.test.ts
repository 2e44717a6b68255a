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

test('the rules match the schema of the operator', () => {
  expect(manifests.flatMap(createValidator())).toEqual([]);
});

describe.each(alerts.map((alert) => [alert.alert, alert] as const))('the alert %s', (_name, alert) => {
  test('has a summary, a severity and a runbook', () => {
    expect(['critical', 'warning']).toContain(alert.labels.severity);
    expect(alert.annotations['summary']).toBeTruthy();
    expect(existsSync(join(ROOT, alert.annotations['runbook']!))).toBe(true);
  });

  test('selects this installation in each metric', () => {
    const metrics = alert.expr.match(/[a-z]+_[a-z_]+(?=\{)/g) ?? [];
    expect(metrics.length).toBeGreaterThan(0);
    for (const metric of metrics) expect(metric).toMatch(/^(kube|kubelet|kafka|tallystick)_/);
    // Our own metrics have the label of their service, and the collector's namespace.
    const foreign = metrics.filter((metric) => !metric.startsWith('tallystick_'));
    expect(alert.expr.match(/namespace="tallystick"/g) ?? []).toHaveLength(foreign.length);
    expect(alert.expr.match(/service_name=~?"/g) ?? []).toHaveLength(metrics.length - foreign.length);
    expect(alert.expr.split('(')).toHaveLength(alert.expr.split(')').length);
  });
});

test('alerts cover every service, and the lag of each consumer', () => {
  const namedBy = (label: string) =>
    alerts.flatMap(({ expr }) =>
      [...expr.matchAll(new RegExp(`${label}=~"([^"]+)"`, 'g'))].map(([, names]) => names),
    );
  expect([...new Set(namedBy('deployment'))]).toEqual([services.join('|')]);
  expect(namedBy('consumergroup')).toEqual([consumingServices().join('|')]);
  expect(namedBy('service_name')).toEqual([consumingServices().join('|')]);
});
