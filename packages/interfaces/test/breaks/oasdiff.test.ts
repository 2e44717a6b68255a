import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { compareContracts, type Contracts } from '../../src/index.ts';
import { baseContracts, TODAY } from './base.ts';
import { fieldCases } from './field-cases.ts';
import { breaksByOasdiff, findOasdiff } from './oasdiff.ts';
import { operationCases } from './operation-cases.ts';

const directory = mkdtempSync(join(tmpdir(), 'tallystick-oasdiff-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const oasdiff = findOasdiff();
/** Each comparison starts a program. */
const TIMEOUT_MS = 120_000;

/** Every change of an operation that the other tests seed, those that the gate allows too. */
const changes: [string, (contracts: Contracts) => void][] = [
  ...fieldCases.flatMap(({ name, change }): [string, (contracts: Contracts) => void][] => [
    [`in a request, ${name}`, ({ operations }) => change(operations['payment.create@1']!.body)],
    [`in a response, ${name}`, ({ operations }) => change(operations['payment.create@1']!.response)],
  ]),
  ...operationCases
    .filter(({ before, interface: name }) => before === undefined && name.startsWith('operation '))
    .map(({ name, change }): [string, (contracts: Contracts) => void] => [name, change]),
];

describe('the gate beside oasdiff', () => {
  const title =
    oasdiff === undefined
      ? 'is not compared: this machine has neither oasdiff nor Go with its module proxy'
      : 'refuses each change that oasdiff refuses';
  test(
    title,
    () => {
      const compared =
        oasdiff === undefined ? [] : changes.map(([name, change]) => judge(oasdiff, name, change));
      expect(compared.some(({ theirs }) => theirs.length > 0)).toBe(oasdiff !== undefined);
      expect(compared.filter(({ theirs, ours }) => theirs.length > 0 && ours.length === 0)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

function judge(
  program: string,
  name: string,
  change: (contracts: Contracts) => void,
): { name: string; theirs: string[]; ours: string[] } {
  const current = baseContracts();
  change(current);
  const { breaks } = compareContracts(baseContracts(), current, TODAY);
  const theirs = breaksByOasdiff(program, directory, baseContracts(), current);
  return { name, theirs, ours: breaks.map(({ kind }) => kind) };
}
