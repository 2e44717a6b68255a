import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
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

  test.each(readdirSync(join(OBSERVABILITY, 'tests')))(
    'finds that interfaces alert as %s says',
    (file) => {
      const { status, output } = promtool('test', 'rules', join(OBSERVABILITY, 'tests', file));
      expect([status, output]).toEqual([0, expect.stringContaining('SUCCESS')]);
    },
    TIMEOUT_MS,
  );
});
