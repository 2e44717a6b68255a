import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { ROOT } from '../src/site/places.ts';
import { blocksOfDocuments, blocksOfReference, type ShownBlock } from './shown-blocks.ts';

jest.setTimeout(180_000);

const directory = mkdtempSync(join(tmpdir(), 'tallystick-blocks-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Compiles each block as a module of its own. @returns the complaints, with the places of the blocks */
async function compile(blocks: readonly ShownBlock[]): Promise<string[]> {
  const files = new Map(blocks.map((block, at) => [`block-${at}.ts`, block]));
  for (const [file, { given, code }] of files)
    writeFileSync(join(directory, file), `${given}\n${code}\nexport {};\n`);
  for (const folder of ['node_modules', 'packages', 'services', 'tools'])
    symlinkSync(join(ROOT, folder), join(directory, folder));
  writeFileSync(
    join(directory, 'tsconfig.json'),
    JSON.stringify({
      extends: join(ROOT, 'tsconfig.base.json'),
      compilerOptions: { noEmit: true, composite: false, declarationMap: false },
      files: [...files.keys()],
    }),
  );
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ type: 'module' }));
  const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
  const { stdout } = await promisify(execFile)(tsc, ['-p', directory, '--pretty', 'false'], {
    maxBuffer: 2 ** 26,
  }).catch((error: unknown) => error as { stdout: string });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) =>
      line.replace(/^.*?(block-\d+\.ts)\((\d+),\d+\)/, (_, file: string, row: string) =>
        placeOf(files, file, row),
      ),
    );
}

function placeOf(files: ReadonlyMap<string, ShownBlock>, file: string, row: string): string {
  const { place, given } = files.get(file)!;
  return `${place} (line ${Number(row) - given.split('\n').length} of the block)`;
}

describe('the blocks of TypeScript', () => {
  test('compile against the packages that they import', async () => {
    mkdirSync(directory, { recursive: true });
    const shown = [...blocksOfDocuments(), ...(await blocksOfReference())];
    const blocks = shown.filter(({ language }) => language === 'ts');
    expect(blocks.length).toBeGreaterThan(60);
    expect(await compile(blocks)).toEqual([]);
  });
});
