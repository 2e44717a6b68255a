import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

function command(program: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  const path = join(import.meta.dirname, '..', 'src', program);
  const node = ['--conditions=@tallystick/source', '--disable-warning=ExperimentalWarning'];
  return spawnSync(process.execPath, [...node, path, ...args], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '', ...env },
  });
}

describe.each(['main.ts', 'jaeger-build.ts'])('%s', (program) => {
  test('lists its options', () => {
    expect(command(program, ['--help'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Usage: npm run'),
    });
  });

  test('refuses an unknown flag by its name, with exit status 2', () => {
    const { status, stderr } = command(program, ['--fast']);
    expect(status).toBe(2);
    expect(stderr).toContain("Unknown option '--fast'");
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

test('refuses a wrong setting by its name, with exit status 2', () => {
  const directory = mkdtempSync(join(tmpdir(), 'stack-test-'));
  try {
    const env = { TALLYSTICK_BACKING: 'cloud' };
    const { status, stderr } = command('main.ts', ['--backing-only', '--directory', directory], env);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'TALLYSTICK_BACKING must be auto, container or process\n',
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
});
