import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { TALLYSTICK } from '@tallystick/stack';
import { staleFiles } from '../src/generate/stale-files.ts';

const directory = mkdtempSync(join(tmpdir(), 'tallystick-cli-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function tallystick(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return spawnSync(TALLYSTICK, args, { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '', ...env } });
}

describe('the program', () => {
  test('prints one JSON object and ends with 0 if every check held', () => {
    const { status, stdout } = tallystick(['simulate', '--seeds', '3', '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ first: 1, seeds: 3, broken: [] });
  });

  test('ends with 2 and one line for flags that exclude each other', () => {
    expect(tallystick(['load', '--rate', '5', '--search'])).toMatchObject({
      status: 2,
      stderr: '--search excludes --rate\n',
      stdout: '',
    });
  });

  test('ends with 2 and names a wrong setting', () => {
    const args = ['stack', '--backing-only', '--directory', directory];
    expect(tallystick(args, { TALLYSTICK_BACKING: 'cloud' })).toMatchObject({
      status: 2,
      stderr: 'TALLYSTICK_BACKING must be auto, container or process\n',
    });
  });

  test('ends with 1 if the machine lacks something', () => {
    const { status, stderr } = tallystick(['demo', '--exit', '--stack', join(directory, 'stack.json')]);
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('start a stack with') });
  });

  test('completes for a shell', () => {
    expect(tallystick(['__complete', 'cha']).stdout).toBe('chaos\n');
    const script = tallystick(['completion', 'bash']).stdout;
    const completed = `${script}\nCOMP_WORDS=(npx tallystick k8s re); COMP_CWORD=3; _tallystick_npx; echo "\${COMPREPLY[@]}"`;
    const { stdout } = spawnSync('bash', ['-c', completed], { encoding: 'utf8', cwd: import.meta.dirname });
    expect(stdout).toBe('registrar rehearse\n');
  });
});

describe('generated files', () => {
  test('are up to date; tallystick generate writes them', async () => {
    expect([...(await staleFiles()).keys()]).toEqual([]);
  });

  test('are stale if they are missing', async () => {
    expect([...(await staleFiles(directory)).keys()]).toEqual(
      expect.arrayContaining(['docs/settings.md', 'docs/errors.md', 'docs/interfaces/openapi.json']),
    );
  });
});
