import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { dashboards } from '../src/dashboards/dashboards.ts';
import { KUBERNETES } from '../src/render.ts';

const OBSERVABILITY = join(KUBERNETES, '..', 'observability');
/** Cases that span days. */
const TIMEOUT_MS = 600_000;

/** Returns promtool's exit status and, for the report of a failure, its output. */
function promtool(...given: string[]): { status: number | null; output: string } {
  const path = String(process.env['TALLYSTICK_PROMTOOL']);
  const { status, stdout, stderr, error } = spawnSync(path, given, { encoding: 'utf8' });
  if (error !== undefined) throw error;
  return { status, output: stdout + stderr };
}

describe('promtool', () => {
  test('accepts the rules of objectives', () => {
    expect(promtool('check', 'rules', join(OBSERVABILITY, 'objectives.yaml'))).toMatchObject({ status: 0 });
  });

  test.each([
    ['Compose', '../docker/observability/prometheus.yaml', 'rules/objectives.yaml'],
    [
      'the overlay local',
      '../kubernetes/components/prometheus-single/prometheus-config.yaml',
      'objectives.yaml',
    ],
  ])('accepts the configuration of %s', (_of, config, rules) => {
    const directory = mkdtempSync(join(tmpdir(), 'tallystick-prometheus-'));
    try {
      cpSync(join(OBSERVABILITY, config), join(directory, 'prometheus.yaml'));
      cpSync(join(OBSERVABILITY, 'objectives.yaml'), join(directory, rules));
      const checked = promtool('check', 'config', join(directory, 'prometheus.yaml'));
      expect(checked).toMatchObject({ status: 0, output: expect.stringMatching(/\d+ rules found/) });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test.each(dashboards.map(({ uid, panels }) => [uid, panels] as const))(
    'accepts the expressions of the dashboard %s',
    (_uid, panels) => {
      const directory = mkdtempSync(join(tmpdir(), 'tallystick-dashboards-'));
      try {
        const rules = panels
          .flatMap(({ queries }) => queries)
          .map(({ expr }, at) => ({
            record: `panel:${at}`,
            expr: expr
              .replaceAll('$__rate_interval', '5m')
              .replaceAll('$tallystick_interface', 'payment.create'),
          }));
        const file = join(directory, 'panels.yaml');
        writeFileSync(file, stringify({ groups: [{ name: 'panels', rules }] }));
        expect(promtool('check', 'rules', file)).toMatchObject({ status: 0 });
      } finally {
        rmSync(directory, { recursive: true });
      }
    },
  );

  test.each(readdirSync(join(OBSERVABILITY, 'tests')))(
    'finds that interfaces alert as %s says',
    (file) => {
      const { status, output } = promtool('test', 'rules', join(OBSERVABILITY, 'tests', file));
      expect([status, output]).toEqual([0, expect.stringContaining('SUCCESS')]);
    },
    TIMEOUT_MS,
  );
});
