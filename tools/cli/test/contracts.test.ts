import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { contractsOf, currentContracts, releaseFiles, type Contracts } from '@tallystick/interfaces';
import { TALLYSTICK } from '@tallystick/stack';

const directory = mkdtempSync(join(tmpdir(), 'tallystick-contracts-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const DAY = '2027-01-01';

interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

function compare(...args: string[]): Outcome {
  return contracts('compare', '--on', DAY, ...args);
}

function contracts(...args: string[]): Outcome {
  return contractsIn({}, ...args);
}

function contractsIn(env: Record<string, string>, ...args: string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(TALLYSTICK, ['contracts', ...args], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '', ...env },
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
      /^there is no last release in nowhere\.json: restore the file from git, or write the first one with npx/,
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

describe('tallystick contracts release', () => {
  const checkout = join(directory, 'checkout');
  const released = join(checkout, 'packages/interfaces/released');
  const read = (path: string): string => readFileSync(join(checkout, path), 'utf8');
  const release = (date: string): Outcome => contracts('release', '--date', date, '--directory', checkout);

  test('keeps the contracts in code, as the gate then compares with them', () => {
    expect(release(DAY)).toMatchObject({ status: 0, stderr: '' });
    expect(compare('--base', join(released, 'contracts.json'), '--waivers', noWaivers)).toMatchObject({
      status: 0,
    });
    expect(read('docs/interfaces/changelog.md')).toContain(`## ${DAY}\n\n- First release: `);
  });

  test('tells waived breaks in the changelog and removes the waivers', () => {
    expect(release(DAY).status).toBe(0);
    const base = JSON.parse(read('packages/interfaces/released/contracts.json')) as Contracts;
    base.topics['card.events.v1']!.partitions += 1;
    writeFileSync(join(released, 'contracts.json'), JSON.stringify(base));
    expect(release(DAY)).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('topic card.events.v1: partitions.changed'),
    });
    const waivers = join(released, 'waivers.txt');
    appendFileSync(waivers, 'topic card.events.v1 - partitions.changed: nobody uses it yet\n');
    expect(release(DAY)).toMatchObject({ status: 0, stderr: '' });
    expect(read('docs/interfaces/changelog.md')).toContain('Reason: nobody uses it yet');
    expect(readFileSync(waivers, 'utf8')).not.toContain('nobody uses it yet');
  });

  test('refuses a day before that of the last release', () => {
    expect(release(DAY).status).toBe(0);
    expect(release('2026-12-31')).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^the last release is of/),
    });
  });
});

describe('tallystick contracts can-deploy', () => {
  const root = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  const noBroker = {
    KAFKA_BROKERS: '127.0.0.1:1',
    TRUST_ANCHORS_FILE: written('roots.json', JSON.stringify({ keys: [root] })),
  };

  test('names the engine that an image needs', () => {
    const programs = join(directory, 'programs');
    mkdirSync(programs);
    for (const name of ['sh', 'dirname', 'readlink']) symlinkSync(pathOf(name), join(programs, name));
    expect(
      contractsIn({ ...noBroker, PATH: programs }, 'can-deploy', 'payment@tallystick/payment:1'),
    ).toEqual({
      status: 1,
      stdout: '',
      stderr: 'No container engine is here: install docker or podman.\n',
    });
  });

  test('ends with 2 for a file that holds the contracts of another service', () => {
    const card = written('card.json', JSON.stringify(contractsOf('card')));
    expect(contractsIn(noBroker, 'can-deploy', `payment@${card}`)).toEqual({
      status: 2,
      stdout: '',
      stderr: `${card} holds the contracts of card, not of payment\n`,
    });
  });
});

function pathOf(program: string): string {
  return spawnSync('which', [program], { encoding: 'utf8' }).stdout.trim();
}
