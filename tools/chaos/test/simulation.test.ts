import { describe, expect, test } from '@jest/globals';
import * as saga from '@tallystick/payment/domain/saga.ts';
import { cores, type Cores } from '../src/simulation/cores.ts';
import { runSeed } from '../src/simulation/run-seed.ts';

const seeds = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);

/** The first promise that some seed breaks with these decisions. */
function found(wrong: Cores): string | undefined {
  for (const seed of seeds(200)) {
    const [first] = runSeed(seed, wrong).broken;
    if (first !== undefined) return `${first.promise}: ${first.objections[0]}`;
  }
  return undefined;
}

describe('the decisions of the services, in any order that a broker and crashes allow', () => {
  test('keep every promise in 200 runs', () => {
    const broken = seeds(200).flatMap((seed) => runSeed(seed).broken.map((one) => ({ seed, ...one })));
    expect(broken).toEqual([]);
  });

  test('give the same run for the same seed', () => {
    expect(runSeed(7)).toEqual(runSeed(7));
    expect(runSeed(7).payments).not.toEqual(runSeed(8).payments);
  });
});

describe('a wrong decision', () => {
  test('finds a payment that ends before the word of its capture comes', () => {
    const hasty: Cores['saga'] = {
      ...saga,
      holdEnded(payment, how) {
        payment.holdEnd = how;
        if (payment.status !== 'authorized') return;
        payment.status = payment.capturedMinor > 0n ? 'captured' : 'cancelled';
      },
    };
    expect(found({ ...cores, saga: hasty })).toMatch(/pay_\d+/);
  });

  test('finds a payment that forgets that its hold ended before it was authorized', () => {
    const forgetful: Cores['saga'] = {
      ...saga,
      holdEnded(payment, how, step) {
        if (payment.status === 'authorized') saga.holdEnded(payment, how, step);
      },
    };
    expect(found({ ...cores, saga: forgetful })).toMatch(/^every payment ended.*is authorized/);
  });

  test('finds a ledger that lends what an account does not have', () => {
    const generous: Cores['ledger'] = {
      decide(state, requests, nowMs) {
        const { accounts } = state.book;
        const floors = new Map([...accounts].map(([id, { floorMinor }]) => [id, floorMinor]));
        for (const [id, account] of accounts) accounts.set(id, { ...account, floorMinor: null });
        const decision = cores.ledger.decide(state, requests, nowMs);
        const { changedAccounts } = decision.posting;
        for (const [id, account] of changedAccounts)
          changedAccounts.set(id, { ...account, floorMinor: floors.get(id)! });
        return decision;
      },
    };
    expect(found({ ...cores, ledger: generous })).toMatch(/is below its floor$/);
  });

  test('finds a payment that does not hear that it was refused', () => {
    const silent: Cores['saga'] = { ...saga, failed() {} };
    expect(found({ ...cores, saga: silent })).toMatch(/^every payment ended.*is requested/);
  });
});
