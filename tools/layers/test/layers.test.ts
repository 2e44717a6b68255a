import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { workspacesIn } from '../src/bans.ts';
import { layeredPackages, layers } from '../src/layers.ts';
import { namedVariables } from '../src/environment.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const configuration = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as {
  overrides: object[];
};

/** Each ban of each layer, with the file that violates it. */
const cases = layers.flatMap(({ files, example, bans }) =>
  bans.map((ban, at) => ({
    name: `${files.join(' ')}: ${ban.message}`,
    // A layer of one file consists of that file.
    file: files.includes(example) ? example : example.replace('example.ts', `example-${at}.ts`),
    ban,
  })),
);

let directory: string;
/** The linter's messages for each file. */
let messages: Map<string, string[]>;

const anyVariable = "export const read = process.env['ANY_VARIABLE'];";
/** Sources that read the environment, and whether they may. */
const readers = [
  { file: 'packages/http/src/reader.ts', source: anyVariable, may: false },
  { file: 'services/card/src/reader.ts', source: anyVariable, may: false },
  { file: 'services/card/src/whole.ts', source: 'export const all = process.env;', may: false },
  { file: 'services/card/src/main.ts', source: 'export const all = process.env;', may: true },
  { file: 'tools/demo/src/reader.ts', source: anyVariable, may: false },
  {
    file: 'tools/demo/src/named.ts',
    source: namedVariables.map((name) => `export const ${name} = process.env['${name}'];`).join('\n'),
    may: true,
  },
];

const linesOf = (count: number): string => 'export {};\n'.repeat(count);
/** Files with a number of lines, and whether they may be that long. */
const long = [
  { file: 'services/card/src/longest.ts', source: linesOf(300), may: true },
  { file: 'services/card/src/longer.ts', source: linesOf(301), may: false },
  { file: 'services/card/test/longer.test.ts', source: linesOf(301), may: true },
];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tallystick-layers-'));
  writeFileSync(
    join(directory, '.oxlintrc.json'),
    JSON.stringify({ plugins: ['node'], overrides: configuration.overrides }),
  );
  const byFile = Map.groupBy(cases, ({ file }) => file);
  for (const [file, broken] of byFile) {
    const path = join(directory, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, broken.map(({ ban }) => ban.example).join('\n'));
  }
  for (const { file, source } of [...readers, ...long]) {
    const path = join(directory, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, source);
  }
  messages = await lint(directory);
}, 60_000);
afterAll(() => rmSync(directory, { recursive: true }));

async function lint(where: string): Promise<Map<string, string[]>> {
  const oxlint = join(root, 'node_modules', '.bin', 'oxlint');
  const output = await promisify(execFile)(oxlint, ['--format', 'json'], { cwd: where }).catch(
    (error: unknown) => error as { stdout: string },
  );
  const { diagnostics } = JSON.parse(output.stdout) as {
    diagnostics: { code: string; filename: string; help?: string; message: string }[];
  };
  const found = Map.groupBy(
    diagnostics.filter(({ code }) => /no-restricted-imports|no-process-env|max-lines/.test(code)),
    ({ filename }) => filename,
  );
  return new Map(
    [...found].map(([file, all]) => [file, all.map(({ help = '', message }) => `${message} ${help}`)]),
  );
}

describe('the layers', () => {
  test('cover every package', () => {
    expect(workspacesIn('packages').toSorted()).toEqual(layeredPackages.toSorted());
  });

  test.each(cases.map((one) => [one.name, one] as const))('%s', (_name, { file, ban }) => {
    const said = (messages.get(file) ?? []).filter((message) => message.includes(ban.message));
    expect(said.length).toBeGreaterThanOrEqual(ban.example.split('\n').length);
  });
});

describe('the environment', () => {
  test.each(readers)('may be read in $file: $may', ({ file, may }) => {
    expect(messages.has(file)).toBe(!may);
  });
});

describe('the length of a file', () => {
  test.each(long)('may be as in $file: $may', ({ file, may }) => {
    expect(messages.has(file)).toBe(!may);
  });
});
