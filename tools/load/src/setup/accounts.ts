import { operations } from '@tallystick/contracts';
import { THIRD_PARTY, until } from '@tallystick/stack';
import type { Mix } from '../command.ts';
import { paced } from './paced.ts';
import type { People } from './people.ts';

/** Below the limit of requests per second for an address. */
const REQUESTS_PER_SECOND_MAX = 400;
const AT_ONCE_MAX = 12;
/** In each payer's account: enough for any run. */
const FUNDS_MINOR = 100_000_000_000n;
const LIMITS = {
  perPaymentMinor: 1_000_000n,
  perDayMinor: FUNDS_MINOR,
  perMonthMinor: FUNDS_MINOR,
};
const CARDS_MAX = 200;
const CARDS_ACTIVE_WITHIN_MS = 60_000;

export const CURRENCY = 'EUR' as const;

/** The accounts and cards of payers and merchants. */
export interface Parties {
  payerAccountIds: string[];
  merchantAccountIds: string[];
  cardIds: string[];
}

/** Opens accounts over HTTP, funds them from an external account, and grants the producer a mandate on each. */
export async function openAccounts(
  people: People,
  options: { accounts: number; mix: Mix; say: (line: string) => void },
): Promise<Parties> {
  const { payer, merchant, operators } = people;
  const merchants = Math.max(2, Math.floor(options.accounts / 10));
  const outside = (await operators.call(operations.accountList)).body.accounts.find(
    ({ currency, kind }) => currency === CURRENCY && kind === 'external',
  );
  if (outside === undefined) throw new Error(`the treasury has no external account in ${CURRENCY}`);

  const step = <Result>(what: string, count: number, work: (at: number) => Promise<Result>) =>
    paced(
      Array.from({ length: count }, (_, at) => at),
      { atOnceMax: AT_ONCE_MAX, perSecondMax: REQUESTS_PER_SECOND_MAX },
      work,
      (done) => {
        if (done % 250 === 0 || done === count) options.say(`  ${what}: ${done} of ${count}`);
      },
    );
  const open = async (who: People['payer']): Promise<string> =>
    (await who.client.call(operations.accountOpen, { body: { currency: CURRENCY } })).body.accountId;

  const merchantAccountIds = await step('merchants', merchants, () => open(merchant));
  const payerAccountIds = await step('payers', options.accounts - merchants, () => open(payer));
  await step('funded', payerAccountIds.length, (at) =>
    operators.call(operations.transferPost, {
      body: {
        debitAccountId: outside.accountId,
        creditAccountId: payerAccountIds[at]!,
        amountMinor: FUNDS_MINOR,
        currency: CURRENCY,
      },
    }),
  );
  await step('mandates', payerAccountIds.length, (at) =>
    payer.client.call(operations.mandateCreate, {
      body: {
        accountId: payerAccountIds[at]!,
        grantee: { kind: 'producer', id: THIRD_PARTY },
        currency: CURRENCY,
        limits: LIMITS,
      },
    }),
  );
  if (options.mix !== 'card' && options.mix !== 'mixed')
    return { payerAccountIds, merchantAccountIds, cardIds: [] };
  const cardIds = await step(
    'cards',
    Math.min(CARDS_MAX, payerAccountIds.length),
    async (at) =>
      (
        await payer.client.call(operations.cardIssue, {
          body: { accountId: payerAccountIds[at]!, currency: CURRENCY, limits: LIMITS },
        })
      ).body.cardId,
  );
  await awaitActive(people, cardIds);
  return { payerAccountIds, merchantAccountIds, cardIds };
}

/** Waits until cards are active: each needs a mandate in the ledger, ordered by the owner of its account. */
async function awaitActive({ payer }: People, cardIds: readonly string[]): Promise<void> {
  const waiting = new Set(cardIds);
  const active = await until(
    async () => {
      const [cardId] = waiting;
      if (cardId === undefined) return true;
      const { body } = await payer.client.call(operations.cardGet, { params: { cardId } });
      if (body.status === 'refused') throw new Error(`card ${cardId} was refused: ${String(body.code)}`);
      if (body.status === 'active') waiting.delete(cardId);
      return waiting.size === 0;
    },
    CARDS_ACTIVE_WITHIN_MS,
    3,
  );
  if (!active) throw new Error(`${waiting.size} cards are not active after ${CARDS_ACTIVE_WITHIN_MS} ms`);
}
