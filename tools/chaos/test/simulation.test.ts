import { describe, expect, test } from '@jest/globals';
import { runSeed } from '../src/simulation/run-seed.ts';
import { servicesParts, type Parts } from '../src/simulation/parts.ts';

const seeds = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);

/** Returns the first promise that any seed breaks with these parts. */
async function found(wrong: Partial<Parts>): Promise<string | undefined> {
  for (const seed of seeds(200)) {
    const [first] = (await runSeed(seed, { ...servicesParts, ...wrong })).broken;
    if (first !== undefined) return `${first.promise}: ${first.objections[0]}`;
  }
  return undefined;
}

/** Returns steps of payments of which some are lost. */
function losing(isLost: (step: { kind: string }, status: string | undefined) => boolean): Parts['steps'] {
  return (right, payments) => ({
    ...right,
    carryOut: (asked, context) =>
      right.carryOut(
        asked.filter(({ item }) => !isLost(item, payments.rows.get(item.paymentId)?.status)),
        context,
      ),
  });
}

describe('the services, in any order that a broker and crashes permit', () => {
  test('keep every promise in 200 runs', async () => {
    const broken = [];
    for (const seed of seeds(200))
      for (const one of (await runSeed(seed)).broken) broken.push({ seed, ...one });
    expect(broken).toEqual([]);
  });

  test('have the same run for the same seed', async () => {
    const [run, again, other] = [await runSeed(7), await runSeed(7), await runSeed(8)];
    expect(run).toEqual(again);
    expect(run.payments).not.toEqual(other.payments);
  });
});

describe('a faulty part', () => {
  test('is detected if a payment misses its capture', async () => {
    const deaf = losing(({ kind }) => kind === 'posted');
    expect(await found({ steps: deaf })).toMatch(/pay_[0-9a-f-]+/);
  });

  test('is detected if a payment misses the end of its hold before its authorization', async () => {
    const forgetful = losing(({ kind }, status) => kind === 'hold_ended' && status !== 'authorized');
    expect(await found({ steps: forgetful })).toMatch(/^every payment ended.*is authorized/);
  });

  test('is detected if the ledger lends money', async () => {
    const generous: Parts['ledgerStore'] = (right) => ({
      audit: right.audit,
      async load(requests, nowMs) {
        const state = await right.load(requests, nowMs);
        const { accounts } = state.book;
        for (const [id, account] of accounts) accounts.set(id, { ...account, minimumBalanceMinor: null });
        return state;
      },
      save(decision) {
        const { changedAccounts } = decision.posting;
        for (const [id, account] of changedAccounts)
          changedAccounts.set(id, { ...account, minimumBalanceMinor: 0n });
        right.save(decision);
      },
    });
    expect(await found({ ledgerStore: generous })).toMatch(/is below its minimum balance$/);
  });

  test('is detected if a payment misses its refusal', async () => {
    const silent = losing(({ kind }) => kind === 'declined');
    expect(await found({ steps: silent })).toMatch(/^every payment ended.*is requested/);
  });
});
