import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { currentContracts, releaseFiles, type Contracts } from '@tallystick/interfaces';
import { TALLYSTICK } from '@tallystick/stack';

const directory = mkdtempSync(join(tmpdir(), 'tallystick-contracts-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const DAY = '2027-01-01';

function compare(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(TALLYSTICK, ['contracts', 'compare', '--on', DAY, ...args], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  return { status, stdout, stderr };
}

function written(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

function contractsFile(name: string, change: (contracts: Contracts) => void = () => {}): string {
  const contracts = currentContracts(DAY);
  change(contracts);
  return written(name, releaseFiles(undefined, contracts, [], undefined).contracts);
}

const base = contractsFile('base.json');
const broken = contractsFile('broken.json', ({ operations }) => {
  operations['payment.create@2']!.scope = 'payments:read';
});
const noWaivers = written('none.txt', '');

describe('tallystick contracts compare', () => {
  test('finds no breaking change in the contracts in code', () => {
    expect(compare()).toEqual({
      status: 0,
      stdout: 'No breaking change of any interface since the last release.\n',
      stderr: '',
    });
  });

  test('ends with 1 for a breaking change and says what, whom it hurts and what to do instead', () => {
    const { status, stdout } = compare('--base', base, '--current', broken, '--waivers', noWaivers);
    expect(status).toBe(1);
    expect(stdout).toBe(`operation payment.create, version 2: scope.changed
  payments:write became payments:read
  Hurts: clients.
  Instead: Keep the scope: tokens in use do not have another one; ask for it in a new version.

1 breaking change since the last release.
`);
  });

  test('prints one JSON object with --json', () => {
    const { status, stdout } = compare('--base', base, '--current', broken, '--waivers', noWaivers, '--json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      base: DAY,
      breaks: [{ interface: 'operation payment.create', version: 2, field: '', kind: 'scope.changed' }],
      waived: [],
    });
  });

  test('tells only of the interfaces that it is asked about', () => {
    const asked = 'message:payment.create@2';
    expect(compare('--base', base, '--current', broken, '--waivers', noWaivers, asked)).toMatchObject({
      status: 0,
    });
  });

  test('lets a waived change pass', () => {
    const waivers = written(
      'waivers.txt',
      'operation payment.create@2 - scope.changed: all tokens have both\n',
    );
    expect(compare('--base', base, '--current', broken, '--waivers', waivers)).toMatchObject({
      status: 0,
      stdout: 'No breaking change of any interface since the last release, beside 1 waived.\n',
    });
  });

  test.each([
    [
      'a base that is missing',
      ['--base', 'nowhere.json'],
      /^nowhere\.json cannot be read: name a file of contracts$/,
    ],
    [
      'a base that is no JSON',
      ['--base', written('no.json', '{')],
      /no\.json is not JSON; restore it from git/,
    ],
    ['a base that holds no contracts', ['--base', written('other.json', '{}')], /holds no contracts: \/date/],
    [
      'contracts that are missing',
      ['--base', base, '--current', 'nowhere.json'],
      /^nowhere\.json cannot be read/,
    ],
    [
      'a version that does not exist',
      ['operation:payment.create@9'],
      /^there is no operation payment\.create@9: name/,
    ],
    ['an address that cannot be read', ['payment.create'], /must be operation:<id>@<version>/],
    [
      'a waiver that matches nothing',
      [
        '--base',
        base,
        '--waivers',
        written('unused.txt', 'operation payment.create@2 - scope.changed: no\n'),
      ],
      /^the waiver in line 1 matches no breaking change: remove the line/,
    ],
  ])('ends with 2 and one sentence for %s', (_name, args, message) => {
    const { status, stderr } = compare(...args);
    expect({ status, stderr: stderr.trim() }).toEqual({ status: 2, stderr: expect.stringMatching(message) });
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
