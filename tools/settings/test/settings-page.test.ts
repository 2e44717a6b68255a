import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { settingOf } from '../src/index.ts';
import { settingsPage } from '../src/settings-page.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
/** The system's own, and what the test runner tells its tests. */
const NOT_OURS = /^(PATH|HOME|NODE_OPTIONS|TEST_\w+)$/;

describe('the page of settings', () => {
  const page = settingsPage();

  test('is what is committed; npm run docs:settings makes it', () => {
    expect(readFileSync(join(ROOT, 'docs', 'settings.md'), 'utf8')).toBe(page);
  });

  test('names every variable that a source reads from the environment', () => {
    const sources = execFileSync(
      'git',
      ['grep', '-hE', String.raw`process\.env(\.|\[')[A-Z_]+`, '--', '*/src/*.ts'],
      {
        cwd: ROOT,
        encoding: 'utf8',
      },
    );
    const read = [...sources.matchAll(/process\.env(?:\.|\[')([A-Z_]+)/g)].map(([, name]) => name!);
    expect(read.length).toBeGreaterThan(0);
    expect(
      [...new Set(read)].filter((name) => !NOT_OURS.test(name) && !page.includes(`\`${name}\``)),
    ).toEqual([]);
  });

  test('names every variable that compose takes', () => {
    const compose = readFileSync(join(ROOT, 'infra', 'docker', 'compose.yaml'), 'utf8');
    const taken = [...compose.matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) =>
      name!.replace(/^(AUTH|ACCOUNT|CARD|PAYMENT)_/, '<SERVICE>_'),
    );
    expect([...new Set(taken)].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('what a schema says of a setting', () => {
  test.each<[string, z.ZodType, object]>([
    ['PORT', z.coerce.number().describe('x'), { value: 'number', byDefault: undefined, isRequired: true }],
    [
      'KEY_FILE',
      z.string().optional().describe('x'),
      { value: 'path', byDefault: undefined, isRequired: false },
    ],
    [
      'LEVEL',
      z.enum(['a', 'b']).default('a').describe('x'),
      { value: '`a`, `b`', byDefault: 'a', isRequired: false },
    ],
    ['WAIT', z.string().default('2').meta({ description: 'x', unit: 'ms' }), { value: 'ms', byDefault: '2' }],
    ['A_URL', z.url().transform(String).describe('x'), { value: 'URL', isRequired: true }],
  ])('%s', (name, schema, expected) => {
    expect(settingOf(name, schema)).toMatchObject({ name, effect: 'x', ...expected });
  });

  test('is refused where it does not say what the setting does', () => {
    expect(() => settingOf('PORT', z.string())).toThrow('the schema of PORT does not describe it');
  });
});
