import { expect, test } from '@jest/globals';
import { countSpending, spendingKey, type Spending } from '@tallystick/contracts';
import fc from 'fast-check';

import type { CardStore } from '../src/app/card-store.ts';
import { followHolds, type FollowedHold } from '../src/app/follow-holds.ts';
import type { Authorization, HoldEvent } from '../src/domain/authorization.ts';

const cardId = 'crd_1';
const newYear = Date.UTC(2027, 0, 1);

/** A requested authorization, counted in the days around a turn of the year. */
const requested = fc.record({
  amountMinor: fc.bigInt(1n, 900n),
  requestedAtMs: fc.integer({ min: newYear - 86_400_000, max: newYear + 86_400_000 }),
});
const event = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom<HoldEvent['kind']>('placed', 'rejected', 'ended', 'ended'),
  share: fc.integer({ min: 0, max: 4 }),
});

/** The amount that is held or was collected after these events, in their order. */
function heldOrCollected(amountMinor: bigint, events: readonly HoldEvent[]): bigint {
  const ended = events.find((one) => one.kind === 'ended');
  if (ended?.kind === 'ended') return ended.postedMinor;
  return events[0]?.kind === 'rejected' ? 0n : amountMinor;
}

test('a card has spent in each day and month what its authorizations of that time hold or collected', () => {
  fc.assert(
    fc.property(
      fc.array(requested, { minLength: 1, maxLength: 6 }),
      fc.array(fc.array(event, { maxLength: 8 }), { maxLength: 4 }),
      (asked, batches) => {
        const usage: Spending = new Map();
        const authorizations = asked.map((one, at): Authorization => {
          countSpending(usage, cardId, one.amountMinor, one.requestedAtMs);
          return {
            authorizationId: `aut_${at}`,
            cardId,
            paymentId: 'pay_1',
            payeeAccountId: 'acc_2',
            debitAccountId: 'acc_1',
            holdId: `hld_${at}`,
            clearedMinor: 0n,
            currency: 'EUR',
            status: 'requested',
            code: undefined,
            ...one,
          };
        });
        const byId = new Map(authorizations.map((one) => [one.authorizationId, one]));
        const heard = new Map<string, HoldEvent[]>();
        const saveFollowed: CardStore['saveFollowed'] = (_changed, spent) => {
          for (const [key, amountMinor] of spent) usage.set(key, (usage.get(key) ?? 0n) + amountMinor);
        };
        for (const batch of batches) {
          const holds = batch.map(({ at, kind, share }): FollowedHold => {
            const { authorizationId, amountMinor } = authorizations[at % authorizations.length]!;
            const ended = { kind: 'ended', postedMinor: (amountMinor * BigInt(share)) / 4n } as const;
            const one: HoldEvent =
              kind === 'ended'
                ? ended
                : kind === 'placed'
                  ? { kind }
                  : { kind, code: 'ledger.insufficient_funds' };
            heard.set(authorizationId, [...(heard.get(authorizationId) ?? []), one]);
            return { authorizationId, event: one, options: {} };
          });
          followHolds({ saveFollowed } as CardStore, () => {}, byId, holds);
        }
        const expected: Spending = new Map();
        authorizations.forEach(({ authorizationId, amountMinor, requestedAtMs }) => {
          const sum = heldOrCollected(amountMinor, heard.get(authorizationId) ?? []);
          const at = new Date(requestedAtMs).toISOString();
          for (const period of [at.slice(0, 10), at.slice(0, 7)]) {
            const key = spendingKey(cardId, period);
            expected.set(key, (expected.get(key) ?? 0n) + sum);
          }
        });
        expect(usage).toEqual(expected);
      },
    ),
    { numRuns: 500 },
  );
});
