import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { layeredPackages, layers } from '../src/layers.ts';
import { layerOverrides } from '../src/lint-rules.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const configuration = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as {
  overrides: object[];
};

/** Each ban of each layer, with the file in which it is broken. */
const cases = layers.flatMap(({ files, example, bans }) =>
  bans.map((ban, at) => ({
    name: `${files.join(' ')}: ${ban.message}`,
    // A layer of one file is that file.
    file: files.includes(example) ? example : example.replace('example.ts', `example-${at}.ts`),
    ban,
  })),
);

let directory: string;
/** What the linter says of each file. */
let messages: Map<string, string[]>;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tallystick-layers-'));
  writeFileSync(join(directory, '.oxlintrc.json'), JSON.stringify({ overrides: configuration.overrides }));
  const byFile = Map.groupBy(cases, ({ file }) => file);
  for (const [file, broken] of byFile) {
    const path = join(directory, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, broken.map(({ ban }) => ban.example).join('\n'));
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
    diagnostics.filter(({ code }) => code.includes('no-restricted-imports')),
    ({ filename }) => filename,
  );
  return new Map(
    [...found].map(([file, all]) => [file, all.map(({ help = '', message }) => `${message} ${help}`)]),
  );
}

describe('the layers', () => {
  test('are what the lint configuration holds', () => {
    expect(configuration.overrides).toEqual(JSON.parse(JSON.stringify(layerOverrides())));
  });

  test('know every package', () => {
    expect(readdirSync(join(root, 'packages')).toSorted()).toEqual(layeredPackages.toSorted());
  });

  test.each(cases.map((one) => [one.name, one] as const))('%s', (_name, { file, ban }) => {
    const said = (messages.get(file) ?? []).filter((message) => message.includes(ban.message));
    expect(said.length).toBeGreaterThanOrEqual(ban.example.split('\n').length);
  });
});
