import { describe, expect, test } from '@jest/globals';
import { captureIdOf, paymentIdOf, transferIdOf } from '@tallystick/contracts';
import fc from 'fast-check';

import { noChanges } from '../src/domain/book.ts';
import { decide, type LedgerRequest, type State } from '../src/domain/decide.ts';
import {
  captureFor,
  orderFor,
  requestedIn,
  requestFor,
  signedAtS,
  withIds,
  type TakingCommand,
} from './evidence-of.ts';
import { brokenRules, nowMs } from './ledger-arbitraries.ts';
import { anyRequest, newState, takes } from './request-arbitraries.ts';

const batch = fc.array(anyRequest, { minLength: 1, maxLength: 50 });
const runs = { numRuns: 300 };

/** Removes the times: a batch that is split in two has two. */
function timeless(value: unknown): unknown {
  if (value instanceof Map) return new Map([...value].map(([key, one]) => [key, timeless(one)]));
  if (Array.isArray(value)) return value.map(timeless);
  if (value === null || typeof value !== 'object' || value instanceof Set) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, one]) =>
      ['postedAtMs', 'placedAtMs', 'endedAtMs'].includes(name) ? [] : [[name, timeless(one)]],
    ),
  );
}

describe('any batch', () => {
  test('keeps the books balanced', () => {
    fc.assert(
      fc.property(batch, (requests) => {
        const state = newState();
        decide(state, requests, nowMs);
        expect(brokenRules(state.book)).toEqual([]);
      }),
      runs,
    );
  });

  test('leaves the state unchanged by a refused request', () => {
    fc.assert(
      fc.property(batch, (requests) => {
        const state = newState();
        for (const request of requests) {
          const before = structuredClone(state);
          const { results } = decide(state, [request], nowMs);
          if (results[0]?.ok === false) expect(state).toEqual(before);
        }
      }),
      runs,
    );
  });

  test('gives the same decision for the same state and requests', () => {
    fc.assert(
      fc.property(batch, (requests) => {
        const [one, two] = [newState(), newState()];
        expect(decide(one, requests, nowMs)).toEqual(decide(two, requests, nowMs));
        expect(one).toEqual(two);
      }),
      runs,
    );
  });

  test('gives the same result if it is split in two', () => {
    fc.assert(
      fc.property(batch, fc.nat(), (requests, anywhere) => {
        const cut = anywhere % (requests.length + 1);
        const [whole, parts] = [newState(), newState()];
        const together = decide(whole, requests, nowMs);
        const first = decide(parts, requests.slice(0, cut), nowMs);
        const second = decide(parts, requests.slice(cut), nowMs);
        expect(timeless([...first.results, ...second.results])).toEqual(timeless(together.results));
        expect(timeless([...first.posting.lines, ...second.posting.lines])).toEqual(
          timeless(together.posting.lines),
        );
        expect([...first.evidence, ...second.evidence]).toEqual(together.evidence);
        expect(timeless(parts)).toEqual(timeless(whole));
      }),
      runs,
    );
  });

  test('has a later time than every earlier batch on one of its accounts, for any clock', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(batch, fc.integer({ min: -2_000, max: 2_000 })), { minLength: 2, maxLength: 5 }),
        (batches) => {
          const state = newState();
          for (const [requests, skewMs] of batches) {
            const before = new Map(state.book.accounts);
            const { postedAtMs, posting } = decide(state, requests, nowMs + skewMs);
            expect(postedAtMs).toBeGreaterThanOrEqual(nowMs + skewMs);
            for (const [id, account] of posting.changedAccounts) {
              expect(account.postedAtMs).toBe(postedAtMs);
              expect(postedAtMs).toBeGreaterThan(before.get(id)!.postedAtMs);
            }
            for (const entry of posting.entries) expect(entry.postedAtMs).toBe(postedAtMs);
          }
        },
      ),
      runs,
    );
  });

  test('debits an account only with its owner’s evidence or a mandate, and carries each order out once', () => {
    fc.assert(
      fc.property(batch, (requests) => {
        const { results, evidence, authorityById, posting } = decide(newState(), requests, nowMs);
        const orders: string[] = [];
        for (const [at, result] of results.entries()) {
          const { command, evidence: shown } = requests[at]!;
          if (!result.ok || result.again === true || !takes(command)) continue;
          expect(shown).toMatchObject(
            command.debitAccountId === 'ann'
              ? { kind: expect.stringMatching(/request|order/) }
              : { kind: 'request', subject: `owner of ${command.debitAccountId}` },
          );
          expect(authorityById.has(command.kind === 'hold' ? command.holdId : command.transferId)).toBe(true);
          const isRefund = command.kind === 'transfer' && command.refund;
          if (command.paymentId !== undefined && !isRefund) orders.push(command.paymentId);
        }
        expect(new Set(orders).size).toBe(orders.length);
        const uses = evidence.map(({ iss, jti }) => `${iss} ${jti}`);
        expect(new Set(uses).size).toBe(uses.length);
        const ids = posting.entries.map(({ entryId }) => entryId);
        expect(new Set(ids).size).toBe(ids.length);
      }),
      runs,
    );
  });
});

describe('a repeated command', () => {
  const owner = { kind: 'subject', id: 'owner of ann' } as const;
  const asHold: TakingCommand & { kind: 'hold' } = {
    kind: 'hold',
    holdId: '',
    debitAccountId: 'ann',
    creditAccountId: 'ben',
    amountMinor: 400n,
    currency: 'EUR',
    paymentId: '',
    authorizationId: undefined,
    expiresAtMs: nowMs + 1_000,
  };
  const hold = requestedIn(asHold, owner.id);
  const { holdId, debitAccountId, paymentId } = hold;
  const capture = { amountMinor: 300n, final: true };
  const post = {
    kind: 'post',
    holdId,
    debitAccountId,
    paymentId,
    transferId: transferIdOf(paymentId, captureIdOf(paymentId, capture)),
    ...capture,
  } as const;
  const asked: LedgerRequest[] = [
    { command: hold, evidence: requestFor(hold, owner.id) },
    { command: post, evidence: captureFor(post, owner) },
  ];

  test('gets its first answer even if its evidence has expired, and moves nothing', () => {
    const state = newState();
    const first = decide(state, asked, nowMs).results;
    const before = structuredClone(state);
    const again = decide(
      state,
      asked.map(({ command }) => ({ command, evidence: { code: 'evidence.expired' } })),
      nowMs,
    );
    expect(again.results).toMatchObject([
      { ok: true, again: true, hold: { holdId }, ended: { releasedMinor: 100n } },
      { ...first[1], again: true },
    ]);
    expect(again.posting).toEqual(noChanges());
    expect(state).toEqual(before);
  });

  test('is refused if its content differs', () => {
    const state = newState();
    decide(state, asked, nowMs);
    const dearer = { ...hold, amountMinor: 401n };
    const smaller = { ...post, amountMinor: 299n };
    const others: LedgerRequest[] = [
      { command: dearer, evidence: requestFor(dearer, owner.id, 'j2') },
      { command: { ...hold, paymentId: 'p2' }, evidence: requestFor(hold, owner.id, 'j2') },
      { command: smaller, evidence: captureFor(smaller, owner) },
    ];
    expect(decide(state, others, nowMs).results).toEqual([
      { ok: false, code: 'evidence.used' },
      { ok: false, code: 'evidence.mismatch' },
      { ok: false, code: 'evidence.mismatch' },
    ]);
  });
});

describe('an order', () => {
  const asTransfer: TakingCommand = {
    kind: 'transfer',
    transferId: '',
    debitAccountId: 'ann',
    creditAccountId: 'ben',
    amountMinor: 500n,
    currency: 'EUR',
    paymentId: 'p1',
    refund: false,
  };
  const owner = 'owner of ann';
  const codes = (state: State, ...requests: LedgerRequest[]) =>
    decide(state, requests, nowMs).results.map((result) => (result.ok ? 'ok' : result.code));

  test('over HTTP moves money once, also if it is signed again later', () => {
    const first = requestedIn(asTransfer, owner);
    const later = withIds({
      ...asTransfer,
      paymentId: paymentIdOf({ subject: owner, sourceId: 'ann', endToEndId: 'INVOICE-1' }, signedAtS + 60),
    });
    const signedLater = { ...requestFor(later, owner, 'r2'), signedAtS: signedAtS + 60 };
    const asked = { command: later, evidence: signedLater };
    const state = newState();
    expect(codes(state, { command: first, evidence: requestFor(first, owner) }, asked)).toEqual([
      'ok',
      'evidence.used',
    ]);
    expect(codes(state, asked)).toEqual(['evidence.used']);
  });

  test('of a third party moves money once, in whatever envelope and by whatever kind of command', () => {
    const first = withIds(asTransfer);
    const { transferId: _transferId, refund: _refund, kind: _kind, ...facts } = asTransfer;
    const asHold = { ...facts, kind: 'hold', holdId: '', authorizationId: undefined } as const;
    const hold = withIds({ ...asHold, paymentId: 'p1', expiresAtMs: nowMs + 1_000 });
    const again = { ...first, creditAccountId: 'overdraft' };
    const state = newState();
    expect(
      codes(
        state,
        { command: first, evidence: orderFor(first, 'acme', 'j1') },
        { command: hold, evidence: orderFor(hold, 'acme', 'j2') },
        { command: again, evidence: orderFor(again, 'acme', 'j3') },
      ),
    ).toEqual(['ok', 'evidence.used', 'evidence.used']);
  });

  test('may be tried again if it moved nothing', () => {
    const command = requestedIn({ ...asTransfer, amountMinor: 20_000n }, owner);
    const evidence = requestFor(command, owner);
    const state = newState();
    expect(codes(state, { command, evidence })).toEqual(['ledger.insufficient_funds']);
    const { accounts } = state.book;
    const ann = accounts.get('ann')!;
    accounts.set('ann', { ...ann, postedMinor: ann.postedMinor + 20_000n });
    expect(codes(state, { command, evidence })).toEqual(['ok']);
  });

  test('moves nothing if evidence is missing or invalid, and the answer has the reason', () => {
    const command = withIds(asTransfer);
    expect(codes(newState(), { command })).toEqual(['evidence.invalid']);
    expect(codes(newState(), { command, evidence: { code: 'evidence.expired' } })).toEqual([
      'evidence.expired',
    ]);
  });

  test('covers no entry beyond a transfer yet', () => {
    const entry = {
      kind: 'entry' as const,
      entryId: 'e1',
      legs: [
        { accountId: 'ann', amountMinor: -2n, currency: 'EUR' as const },
        { accountId: 'ben', amountMinor: 2n, currency: 'EUR' as const },
      ],
      paymentId: 'p1',
    };
    const state = newState();
    expect(codes(state, { command: entry, evidence: requestFor(asTransfer, owner) })).toEqual([
      'evidence.kind_refused',
    ]);
    expect(state).toEqual(newState());
  });

  test('of a third party needs a mandate, and counts against it once and only if money is taken', () => {
    const state = newState();
    const ask = (paymentId: string, amountMinor: bigint, from = 'ann', producer = 'acme'): LedgerRequest => {
      const command = withIds({
        ...asTransfer,
        paymentId,
        amountMinor,
        debitAccountId: from,
        creditAccountId: 'overdraft',
      });
      return { command, evidence: orderFor(command, producer, paymentId) };
    };
    expect(codes(state, ask('a', 500n, 'ben'))).toEqual(['mandate.missing']);
    expect(codes(state, ask('b', 500n, 'nobody'))).toEqual(['mandate.missing']);
    expect(codes(state, ask('b', 500n, 'ann', 'globex'))).toEqual(['mandate.missing']);
    expect(codes(state, ask('c', 1_001n))).toEqual(['mandate.limit_exceeded']);
    expect(
      codes(state, ask('d', 1_000n), ask('d', 1_000n), ask('e', 1_000n), ask('f', 1_000n), ask('g', 1n)),
    ).toEqual(['ok', 'ok', 'ok', 'ok', 'mandate.limit_exceeded']);
  });
});
