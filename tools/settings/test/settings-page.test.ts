import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { services } from '@tallystick/contracts';
import * as z from 'zod';
import { settingOf } from '../src/index.ts';
import { settingsPage } from '../src/settings-page.ts';

const OF_A_SERVICE = new RegExp(`^(${services.map((name) => name.toUpperCase()).join('|')})_`);
const ROOT = join(import.meta.dirname, '..', '..', '..');
describe('the settings page', () => {
  const page = settingsPage();

  test('lists every variable that lint lets a tool read by name', () => {
    const { overrides } = JSON.parse(readFileSync(join(ROOT, '.oxlintrc.json'), 'utf8')) as {
      overrides: { rules: Record<string, unknown> }[];
    };
    const read = overrides.flatMap(({ rules }) => {
      const rule = rules['node/no-process-env'];
      return Array.isArray(rule)
        ? (rule as [string, { allowedVariables: string[] }])[1].allowedVariables
        : [];
    });
    expect(read).not.toHaveLength(0);
    expect(read.filter((name) => name !== 'PATH' && !page.includes(`\`${name}\``))).toEqual([]);
  });

  test('lists every variable of compose', () => {
    const compose = readFileSync(join(ROOT, 'infra', 'docker', 'compose.yaml'), 'utf8');
    const taken = [...compose.matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) =>
      name!.replace(OF_A_SERVICE, '<SERVICE>_'),
    );
    expect(taken).not.toHaveLength(0);
    expect([...new Set(taken)].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('the description of a setting', () => {
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

  test('is refused without the effect of the setting', () => {
    expect(() => settingOf('PORT', z.string())).toThrow('the schema of PORT does not describe it');
  });
});
