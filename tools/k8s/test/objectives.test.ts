import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { operation, operations, register, type MessageDefinition } from '@tallystick/contracts';
import { parse } from 'yaml';
import * as z from 'zod';
import { burnAlerts } from '../src/objectives/burn-alerts.ts';
import { burnRates } from '../src/objectives/burn-rates.ts';
import { objectiveSeries } from '../src/objectives/objective-series.ts';
import { objectiveRules } from '../src/objectives/rule-files.ts';
import { KUBERNETES } from '../src/render.ts';

const INFRA = join(KUBERNETES, '..');
const budgets = objectiveSeries().filter(({ record }) => record === 'tallystick:objective:budget');

describe('the rules of objectives', () => {
  test('have two budgets for each operation and each handled message', () => {
    const handled = Object.values<MessageDefinition>(register.messages).filter(
      ({ objective }) => objective !== undefined,
    );
    const addresses = budgets.map(({ labels }) => JSON.stringify(labels));
    expect(new Set(addresses).size).toBe(2 * (Object.keys(operations).length + handled.length));
    expect(addresses).toHaveLength(new Set(addresses).size);
  });

  test('are reachable: the fastest burn is less than all', () => {
    const fastest = Math.max(...burnRates.map(({ factor }) => factor));
    for (const { expr } of budgets) expect(fastest * Number(/vector\((.+)\)/.exec(expr)![1])).toBeLessThan(1);
  });

  test('refuse a threshold that no bucket of the histogram ends at', () => {
    const slow = operation('card.dispute.list', {
      service: 'card',
      method: 'GET',
      path: '/disputes',
      summary: 'List disputes',
      scope: 'cards:read',
      proof: 'none',
      objective: { latency: { thresholdS: 0.3, share: 0.99 } },
      current: { since: '2026-11-29', response: z.object({}) },
    });
    expect(() => objectiveSeries({ ...register, operations: { slow } })).toThrow(
      'card.dispute.list: the threshold',
    );
  });

  test('name a runbook in each alert', () => {
    for (const { alert, annotations } of burnAlerts().rules.filter((rule) => 'alert' in rule))
      expect([alert, existsSync(join(INFRA, '..', annotations['runbook']!))]).toEqual([alert, true]);
  });

  test('are loaded by Compose and by the component alerts', () => {
    const read = (path: string): unknown => parse(readFileSync(join(INFRA, path), 'utf8'), { merge: true });
    expect(read('docker/observability/prometheus.yaml')).toMatchObject({
      rule_files: ['rules/objectives.yaml'],
    });
    expect(read('docker/compose.yaml')).toMatchObject({
      services: {
        prometheus: {
          volumes: expect.arrayContaining([
            '../observability/objectives.yaml:/etc/prometheus/rules/objectives.yaml:ro',
          ]),
        },
      },
    });
    expect(read('kubernetes/components/alerts/kustomization.yaml')).toMatchObject({
      resources: expect.arrayContaining(['generated/objectives.yaml']),
    });
    const { groups } = read('observability/objectives.yaml') as { groups: unknown };
    expect(groups).toEqual(objectiveRules());
    expect(read('kubernetes/components/alerts/generated/objectives.yaml')).toMatchObject({
      spec: { groups },
    });
  });
});
