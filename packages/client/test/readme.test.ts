import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from '@jest/globals';
import * as client from '../src/index.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');
const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code!);
const directory = mkdtempSync(join(tmpdir(), 'tallystick-readme-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('the examples of the README', () => {
  test('compile', async () => {
    symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
    const files = examples.map((code, at) => {
      const file = `example-${at}.ts`;
      writeFileSync(join(directory, file), code);
      return file;
    });
    writeFileSync(
      join(directory, 'tsconfig.json'),
      JSON.stringify({
        extends: join(root, 'tsconfig.base.json'),
        compilerOptions: { noEmit: true, composite: false, declarationMap: false, preserveSymlinks: false },
        files,
      }),
    );
    writeFileSync(join(directory, 'package.json'), JSON.stringify({ type: 'module' }));
    const tsc = join(root, 'node_modules', '.bin', 'tsc');
    const { stdout } = await promisify(execFile)(tsc, ['-p', directory]).catch(
      (error: unknown) => error as { stdout: string },
    );
    expect(stdout).toBe('');
  });

  test('show each function and class of the library', () => {
    const values = Object.keys(client).filter((name) => !['defaultRetryLimits', 'errorCodes'].includes(name));
    expect(values.filter((name) => !readme.includes(name))).toEqual([]);
  });
});
