import { newId, operations, type ErrorCode } from '@tallystick/contracts';
import { until } from '@tallystick/stack';
import { verdict, type Attack } from '../../attack.ts';
import { ask, shown, type Answer } from '../../http/ask.ts';
import { acceptedWith, refusedWith, routeOf } from '../../http/refused.ts';
import { newEndToEndId } from '../../kafka/order.ts';
import { LIMITS, WAIT_S } from '../../target/accounts.ts';
import type { World } from '../../target/world.ts';

const pay = operations.createPayment;
const transfer = operations.transferPost;
const NOT_FOUND = 'ledger.account_not_found';

/** A body of an order, of whose source and payee one is not the caller's. */
const orderBody = (source: object, payeeId: string, amountMinor: number | string = 900): string =>
  JSON.stringify({
    source,
    payee: { kind: 'account', accountId: payeeId },
    amountMinor: 0,
    currency: 'EUR',
    endToEndId: newEndToEndId(),
  }).replace('"amountMinor":0', `"amountMinor":${amountMinor}`);

const account = (accountId: string): object => ({ kind: 'account', accountId });

/** The victim pays from the purse: the same request as the thief sends for the safe. */
const honestPayment: Attack['control'] = async ({ victim, accounts }) =>
  acceptedWith(await ask(victim.client, pay, { body: orderBody(account(accounts.purse), accounts.till, 1) }));

const honestTransfer: Attack['control'] = async ({ victim, accounts }) =>
  acceptedWith(await ask(victim.client, transfer, { body: transferBody(accounts.purse, accounts.till, 1) }));

function transferBody(
  debitAccountId: string,
  creditAccountId: string,
  amount: number | string = 900,
  currency = 'EUR',
): string {
  return JSON.stringify({ debitAccountId, creditAccountId, amountMinor: 0, currency }).replace(
    '"amountMinor":0',
    `"amountMinor":${amount}`,
  );
}

function transferAttack(name: string, code: ErrorCode, send: (world: World) => Promise<Answer>): Attack {
  return {
    name: `orders.transfer-${name}`,
    on: routeOf(transfer, 1),
    control: honestTransfer,
    run: async (world) => refusedWith(await send(world), code),
  };
}

const transfers: Attack[] = [
  transferAttack('from-another-customer', NOT_FOUND, ({ thief, accounts }) =>
    ask(thief.client, transfer, { body: transferBody(accounts.safe, accounts.loot) }),
  ),
  transferAttack('from-a-customer-by-the-treasury', NOT_FOUND, ({ operators, accounts }) =>
    ask(operators.with('treasury'), transfer, { body: transferBody(accounts.safe, accounts.loot) }),
  ),
  transferAttack('to-the-account-itself', 'ledger.same_account', ({ victim, accounts }) =>
    ask(victim.client, transfer, { body: transferBody(accounts.safe, accounts.safe) }),
  ),
  transferAttack('in-another-currency', 'ledger.currency_mismatch', ({ victim, accounts }) =>
    ask(victim.client, transfer, { body: transferBody(accounts.safe, accounts.loot, 900, 'USD') }),
  ),
  transferAttack('beyond-the-balance', 'ledger.insufficient_funds', ({ victim, accounts }) =>
    ask(victim.client, transfer, { body: transferBody(accounts.safe, accounts.loot, 1_000_001) }),
  ),
  transferAttack('of-all-the-money-there-is', 'ledger.insufficient_funds', ({ victim, accounts }) =>
    ask(victim.client, transfer, {
      body: transferBody(accounts.safe, accounts.loot, Number.MAX_SAFE_INTEGER),
    }),
  ),
  transferAttack('from-nobody', NOT_FOUND, ({ thief, accounts }) =>
    ask(thief.client, transfer, { body: transferBody(newId('acc'), accounts.loot) }),
  ),
  transferAttack('to-nobody', NOT_FOUND, ({ victim, accounts }) =>
    ask(victim.client, transfer, { body: transferBody(accounts.safe, newId('acc')) }),
  ),
  ...Object.entries({
    zero: '0',
    negative: '-900',
    fraction: '0.5',
    huge: '1e400',
    'beyond-2-53': '9007199254740993',
    text: '"900"',
  }).map(([name, amount]) =>
    transferAttack(`of-an-amount-that-is-${name}`, 'request.invalid', ({ victim, accounts }) =>
      ask(victim.client, transfer, { body: transferBody(accounts.safe, accounts.loot, amount) }),
    ),
  ),
];

function paymentAttack(name: string, code: ErrorCode, send: (world: World) => Promise<Answer>): Attack {
  return {
    name: `orders.payment-${name}`,
    on: routeOf(pay, 2),
    control: honestPayment,
    run: async (world) => refusedWith(await send(world), code),
  };
}

/** Makes an attack that is accepted for later, and must then fail with a code. */
function failingPayment(
  name: string,
  code: ErrorCode,
  send: (world: World, wait: object) => Promise<Answer>,
): Attack {
  return {
    name: `orders.payment-${name}`,
    on: routeOf(pay, 2),
    control: honestPayment,
    run: async (world) => {
      const answer = await send(world, { headers: { Prefer: `wait=${WAIT_S}` } });
      const { status, code: found } = JSON.parse(answer.text) as { status?: string; code?: string };
      return verdict(`failed ${code}`, `${status} ${found}`);
    },
  };
}

const payments: Attack[] = [
  paymentAttack('from-another-customer', NOT_FOUND, ({ thief, accounts }) =>
    ask(thief.client, pay, { body: orderBody(account(accounts.safe), accounts.loot) }),
  ),
  paymentAttack('from-another-customer-in-version-1', NOT_FOUND, ({ thief, accounts }) => {
    const { payee: _payee, ...terms } = JSON.parse(orderBody(account(accounts.safe), accounts.loot)) as {
      payee: unknown;
    };
    return ask(thief.client, pay, {
      version: 1,
      body: JSON.stringify({ ...terms, payeeAccountId: accounts.loot }),
    });
  }),
  failingPayment('with-the-card-of-another', 'card.not_found', ({ thief, accounts, objects }, wait) =>
    ask(thief.client, pay, {
      body: orderBody({ kind: 'card', cardId: objects['cardId'] }, accounts.loot),
      ...wait,
    }),
  ),
  failingPayment(
    'beyond-the-limit-of-the-card',
    'card.limit_exceeded',
    ({ victim, accounts, objects }, wait) =>
      ask(victim.client, pay, {
        body: orderBody(
          { kind: 'card', cardId: objects['cardId'] },
          accounts.loot,
          String(LIMITS.perPaymentMinor + 1n),
        ),
        ...wait,
      }),
  ),
  failingPayment('beyond-the-balance', 'ledger.insufficient_funds', ({ victim, accounts }, wait) =>
    ask(victim.client, pay, { body: orderBody(account(accounts.safe), accounts.loot, 1_000_001), ...wait }),
  ),
  failingPayment('to-nobody', NOT_FOUND, ({ victim, accounts }, wait) =>
    ask(victim.client, pay, { body: orderBody(account(accounts.safe), newId('acc')), ...wait }),
  ),
  paymentAttack('with-the-source-of-two-kinds', 'request.invalid', ({ victim, accounts, objects }) =>
    ask(victim.client, pay, {
      body: orderBody(
        { kind: 'account', accountId: accounts.safe, cardId: objects['cardId'] },
        accounts.loot,
      ),
    }),
  ),
  {
    name: 'orders.payment-with-an-end-to-end-id-used-before',
    on: routeOf(pay, 2),
    control: honestPayment,
    run: async ({ victim, accounts }) => {
      const body = JSON.parse(orderBody(account(accounts.purse), accounts.till, 1)) as object;
      await ask(victim.client, pay, { body: JSON.stringify(body), headers: { Prefer: `wait=${WAIT_S}` } });
      const again = await ask(victim.client, pay, { body: JSON.stringify({ ...body, amountMinor: 2 }) });
      return refusedWith(again, 'payment.end_to_end_id_reused');
    },
  },
  {
    name: 'orders.payment-ordered-ten-times-at-once',
    on: routeOf(pay, 2),
    control: honestPayment,
    run: async ({ victim, accounts }) => {
      const body = orderBody(account(accounts.purse), accounts.till, 1);
      const all = Array.from({ length: 10 }, () => ask(victim.client, pay, { body }));
      const ids = (await Promise.all(all))
        .filter(({ status }) => status === 202)
        .map(({ text }) => (JSON.parse(text) as { paymentId: string }).paymentId);
      return verdict(
        'one payment',
        new Set(ids).size === 1 ? 'one payment' : `${new Set(ids).size} payments`,
      );
    },
  },
];

/** Authority over an account of another: mandates and cards. */
const grants: Attack[] = [
  {
    name: 'orders.mandate-on-the-account-of-another',
    on: routeOf(operations.mandateCreate, 1),
    run: async ({ thief, accounts, producers }) => {
      const body = (accountId: string): string =>
        JSON.stringify({
          accountId,
          grantee: { kind: 'producer', id: producers.gone.id },
          currency: 'EUR',
          limits: { perPaymentMinor: 1, perDayMinor: 1, perMonthMinor: 1 },
        });
      const own = await ask(thief.client, operations.mandateCreate, { body: body(accounts.till) });
      if (own.status !== 201) return { held: false, shown: `on its own: ${shown(own)}` };
      return refusedWith(
        await ask(thief.client, operations.mandateCreate, { body: body(accounts.safe) }),
        NOT_FOUND,
      );
    },
  },
  {
    name: 'orders.card-on-the-account-of-another',
    on: routeOf(operations.cardIssue, 1),
    run: async ({ thief, accounts }) => {
      const { body } = await thief.client.call(operations.cardIssue, {
        body: { accountId: accounts.safe, currency: 'EUR', limits: LIMITS },
      });
      const params = { cardId: body.cardId };
      let card = body;
      await until(async () => {
        card = (await thief.client.call(operations.cardGet, { params })).body;
        return card.status !== 'issued';
      }, 15_000);
      return verdict(`refused ${NOT_FOUND}`, `${card.status} ${card.code}`);
    },
  },
];

/** Attacks by orders over HTTP of somebody who may not give them. */
export const orderAttacks: readonly Attack[] = [...transfers, ...payments, ...grants];
