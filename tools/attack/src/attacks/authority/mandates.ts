import { messages, newId, operations } from '@tallystick/contracts';
import { publishRaw } from '@tallystick/demo';
import { until } from '@tallystick/stack';
import type { Attack, Verdict } from '../../attack.ts';
import {
  envelope,
  honestOrder,
  honestOrderIsCaptured,
  newEndToEndId,
  ORDERS,
  orderOf,
  paymentEnds,
  quarantined,
} from '../../kafka/order.ts';
import { fund, grant, LIMITS } from '../../target/accounts.ts';
import type { Producer, World } from '../../target/world.ts';

const CAPTURED = messages.paymentCaptured.type;
const REJECTED = messages.paymentCommandRejected.type;

type Changes = Parameters<typeof orderOf>[1];

/** Sends an order of a third party. @returns the first event of its payment */
async function send(world: World, expected: string, changes: Changes, by?: Producer): Promise<Verdict> {
  const honest = await honestOrder(world, changes, by);
  await publishRaw(world, ORDERS, honest.key, await envelope(honest));
  return paymentEnds(world, honest.key, expected);
}

/** Makes an attack by an order that the rules refuse. */
function orderAttack(
  name: string,
  expected: string,
  changes: (world: World) => Changes,
  by?: (world: World) => Producer,
): Attack {
  return {
    name: `mandates.${name}`,
    on: ORDERS,
    control: honestOrderIsCaptured,
    run: (world) => send(world, expected, changes(world), by?.(world)),
  };
}

/** Makes an attack on a new account of the victim, which an honest order debits first. */
function onNewAccount(
  name: string,
  mandate: (world: World) => object | null,
  attack: (world: World, terms: NonNullable<Changes>) => Promise<Verdict>,
  honestMinor = 8n,
): Attack {
  return {
    name: `mandates.${name}`,
    on: ORDERS,
    run: async (world) => {
      const accountId = await newAccount(world);
      const changes = mandate(world);
      if (changes !== null) await grant(world.victim, accountId, changes);
      const terms = {
        source: { kind: 'account' as const, accountId },
        amountMinor: honestMinor > 0n ? honestMinor : 8n,
      };
      if (honestMinor > 0n) {
        const first = await send(world, CAPTURED, {
          ...terms,
          payee: { kind: 'account', accountId: world.accounts.till },
        });
        if (!first.held) return { held: false, shown: `the honest order: ${first.shown}` };
      }
      return attack(world, terms);
    },
  };
}

async function newAccount({ victim, operators }: World): Promise<string> {
  const { body } = await victim.client.call(operations.accountOpen, { body: { currency: 'EUR' } });
  await fund(operators, [body.accountId]);
  return body.accountId;
}

const limitsOf = (perDayMinor: bigint, perMonthMinor: bigint) => ({
  limits: { perPaymentMinor: 10n, perDayMinor, perMonthMinor },
});

const MISSING = 'payment.failed mandate.missing';
const EXCEEDED = 'payment.failed mandate.limit_exceeded';

const limits: Attack[] = [
  orderAttack('beyond-a-payment', EXCEEDED, () => ({ amountMinor: LIMITS.perPaymentMinor + 1n })),
  orderAttack('beyond-a-payment-by-far', EXCEEDED, () => ({ amountMinor: BigInt(Number.MAX_SAFE_INTEGER) })),
  onNewAccount(
    'beyond-a-day',
    () => limitsOf(10n, 1_000n),
    (world, terms) => send(world, EXCEEDED, terms),
  ),
  onNewAccount(
    'beyond-a-month',
    () => limitsOf(1_000n, 10n),
    (world, terms) => send(world, EXCEEDED, terms),
  ),
  onNewAccount(
    'beyond-a-day-by-ten-at-once',
    () => limitsOf(20n, 1_000n),
    async (world, terms) => {
      const ended = await Promise.all(
        Array.from({ length: 10 }, async () => {
          const { shown } = await send(world, CAPTURED, {
            ...terms,
            payee: { kind: 'account', accountId: world.accounts.till },
          });
          return shown;
        }),
      );
      const captured = ended.filter((shown) => shown === CAPTURED).length;
      // 20 a day, of which the honest order took 8: one more of 8 fits.
      return { held: captured === 1, shown: `${captured} of 10 within the limit` };
    },
  ),
];

const bounds: Attack[] = [
  orderAttack(
    'of-another-holder',
    MISSING,
    () => ({}),
    ({ producers }) => producers.outlaw,
  ),
  orderAttack('on-an-account-of-the-thief', MISSING, ({ accounts }) => ({
    source: { kind: 'account', accountId: accounts.till },
  })),
  orderAttack('on-an-account-of-nobody', MISSING, () => ({
    source: { kind: 'account', accountId: newId('acc') },
  })),
  orderAttack('in-another-currency', 'payment.failed mandate.missing', () => ({ currency: 'USD' })),
  orderAttack('to-the-account-itself', 'payment.failed ledger.same_account', ({ accounts }) => ({
    payee: { kind: 'account', accountId: accounts.safe },
  })),
  orderAttack('of-a-card', `${REJECTED} evidence.kind_refused`, ({ objects }) => ({
    source: { kind: 'card', cardId: objects['cardId']! },
  })),
  onNewAccount(
    'absent',
    () => null,
    (world, terms) => send(world, MISSING, terms),
    0n,
  ),
  onNewAccount(
    'to-another-payee',
    ({ accounts }) => ({ ...limitsOf(100n, 100n), payeeAccountIds: [accounts.till] }),
    (world, terms) => send(world, MISSING, terms),
  ),
  onNewAccount(
    'ended',
    () => ({ ...limitsOf(100n, 100n), endsAt: new Date(Date.now() + 4_000).toISOString() }),
    async (world, terms) => {
      const endsAtMs = Date.now() + 4_000;
      await until(() => Date.now() > endsAtMs, 10_000);
      return send(world, MISSING, terms);
    },
  ),
  onNewAccount(
    'withdrawn',
    () => limitsOf(100n, 100n),
    async (world, terms) => {
      const { client } = world.victim;
      const { mandates } = (await client.call(operations.mandateList)).body;
      const { accountId } = terms.source as { accountId: string };
      const mandateId = mandates.find((one) => one.accountId === accountId)!.mandateId;
      await client.call(operations.mandateWithdraw, { params: { mandateId } });
      return send(world, MISSING, terms);
    },
  ),
  onNewAccount(
    'on-a-frozen-account',
    () => limitsOf(100n, 100n),
    async (world, terms) => {
      const { accountId } = terms.source as { accountId: string };
      await world.operators.call(operations.accountFreeze, { params: { accountId } });
      return send(world, 'payment.failed ledger.account_not_open', terms);
    },
  ),
  onNewAccount(
    'beyond-the-balance',
    () => ({
      limits: { perPaymentMinor: 10_000_000n, perDayMinor: 10_000_000n, perMonthMinor: 10_000_000n },
    }),
    (world, terms) =>
      send(world, 'payment.failed ledger.insufficient_funds', { ...terms, amountMinor: 1_000_001n }),
    0n,
  ),
];

/** Orders that name a payment or an end-to-end id that an order named before. */
const repeated: Attack[] = [
  onNewAccount(
    'end-to-end-id-reused',
    () => limitsOf(100n, 100n),
    async (world, terms) => {
      const endToEndId = newEndToEndId();
      const till = { kind: 'account' as const, accountId: world.accounts.till };
      await send(world, CAPTURED, { ...terms, endToEndId, payee: till });
      return send(world, `${REJECTED} payment.end_to_end_id_reused`, { ...terms, endToEndId });
    },
  ),
  onNewAccount(
    'payment-id-reused',
    () => limitsOf(100n, 100n),
    async (world, terms) => {
      const till = { kind: 'account' as const, accountId: world.accounts.till };
      const first = await honestOrder(world, { ...terms, payee: till });
      await publishRaw(world, ORDERS, first.key, await envelope(first));
      await paymentEnds(world, first.key, CAPTURED);
      const second = await honestOrder(world, { ...terms, paymentId: first.key });
      await publishRaw(world, ORDERS, first.key, await envelope(second));
      return eventOf(world, first.key, `${REJECTED} payment.id_reused`);
    },
  ),
  orderAttack('payment-id-of-last-week', `${REJECTED} payment.id_out_of_time`, () => ({
    paymentId: idAt(Date.now() - 7 * 86_400_000),
  })),
  orderAttack('payment-id-of-tomorrow', `${REJECTED} payment.id_out_of_time`, () => ({
    paymentId: idAt(Date.now() + 86_400_000),
  })),
  movesOnce('record-replayed', async (_world, first) => envelope(first)),
  movesOnce('order-in-another-envelope', async (world, first) => {
    const { header, claims, signer } = first;
    return envelope({
      header,
      signer,
      key: first.key,
      claims: { ...claims, jti: newId('pay').slice(4), txn: newId('pay').slice(4) },
    });
  }),
];

/** Sends an order that is captured, then again in some way: the account must pay once. */
function movesOnce(
  name: string,
  again: (world: World, first: Awaited<ReturnType<typeof honestOrder>>) => Promise<string>,
): Attack {
  return onNewAccount(
    name,
    () => limitsOf(100n, 100n),
    async (world, terms) => {
      const { client } = world.victim;
      const { accountId } = terms.source as { accountId: string };
      const till = { kind: 'account' as const, accountId: world.accounts.till };
      const first = await honestOrder(world, { ...terms, payee: till });
      await publishRaw(world, ORDERS, first.key, await envelope(first));
      await paymentEnds(world, first.key, CAPTURED);
      const before = (await client.call(operations.accountGet, { params: { accountId } })).body.postedMinor;
      await publishRaw(world, ORDERS, first.key, await again(world, first));
      // The next record of the key is read after it: when it is quarantined, the copy was handled.
      await quarantined(world, { key: first.key, value: 'behind the copy' }, 'envelope.malformed');
      // Another order of the account is decided after whatever the copy led to.
      await send(world, CAPTURED, { ...terms, payee: till });
      const after = (await client.call(operations.accountGet, { params: { accountId } })).body.postedMinor;
      const isOnce = after === before - 8n;
      return { held: isOnce, shown: isOnce ? 'no second effect' : `${before - after} instead of 8` };
    },
  );
}

/** Waits for an event of a payment with this type and code. */
async function eventOf(world: World, paymentId: string, expected: string): Promise<Verdict> {
  const { claims } = await world.watch.events.next(
    (event) => event.claims.sub === paymentId && event.claims.type === expected.split(' ')[0],
    15_000,
  );
  const { code = '' } = claims.data as { code?: string };
  return { held: `${claims.type} ${code}` === expected, shown: `${claims.type} ${code}` };
}

/** Makes a payment id with this time. */
function idAt(timeMs: number): string {
  const time = timeMs.toString(16).padStart(12, '0');
  return `pay_${time.slice(0, 8)}-${time.slice(8)}${newId('pay').slice(17)}`;
}

/** Attacks by orders of third parties beyond their mandates. */
export const mandateAttacks: readonly Attack[] = [...limits, ...bounds, ...repeated];
