import {
  holdIdOf,
  messages,
  newId,
  operations,
  type DataOf,
  type MessageDefinition,
} from '@tallystick/contracts';
import { ApiClient } from '../api-client.ts';
import { newDpopKey } from '../dpop-key.ts';
import { balanceOf } from '../story/accounts.ts';
import type { World } from '../world.ts';
import {
  order,
  publishRaw,
  quarantinedWith,
  refusedAtTheDoor,
  refusedWith,
  sealAs,
  SHOWN_WITHIN_MS,
  untilDecided,
  type Attack,
} from './attack.ts';

const ACCOUNTS = 'account.commands.v1';
const PAYMENTS = 'payment.commands.v1';
const failed = messages.paymentFailed as unknown as MessageDefinition;
const holdRejected = messages.holdRejected as unknown as MessageDefinition;

/** Attacks of a holder of a genuine key or token. */
export const withAKey: readonly Attack[] = [
  {
    name: 'replayed',
    async run(world, { acme }) {
      const sent = order(world, 100n);
      const { key, value } = await sealAs(world, 'acme', acme, messages.paymentCreate, sent);
      await publishRaw(world, PAYMENTS, key, value);
      await world.watch.events.next(
        ({ claims }) => claims.type === messages.paymentCaptured.type && claims.sub === key,
        SHOWN_WITHIN_MS,
      );
      const before = await untilDecided(() => balanceOf(world, 'customer'));
      await publishRaw(world, PAYMENTS, key, value);
      // The next record on the same key is read after the replay: when it appears, the replay has been handled.
      await publishRaw(world, PAYMENTS, key, 'behind the replay');
      await quarantinedWith(world, PAYMENTS, key, 'envelope.malformed');
      const after = await untilDecided(() => balanceOf(world, 'customer'));
      return { held: after.posted === before.posted, shown: 'acknowledged as a duplicate, no effect' };
    },
  },
  {
    name: 'signed by a producer beyond its mandate',
    async run(world, { acme }) {
      const { key, value } = await sealAs(world, 'acme', acme, messages.paymentCreate, order(world, 15_000n));
      await publishRaw(world, PAYMENTS, key, value);
      return refusedWith(world, failed, ({ paymentId }) => paymentId === key, 'mandate.limit_exceeded');
    },
  },
  {
    name: 'signed by the payment service, without evidence',
    async run(world, { payment }) {
      const { key, value } = await sealAs(world, 'payment', payment, withoutEvidence, {
        ...hold(world),
        evidence: undefined,
      } as never);
      await publishRaw(world, ACCOUNTS, key, value);
      return quarantinedWith(world, ACCOUNTS, key, 'envelope.schema_invalid');
    },
  },
  {
    name: 'signed by the payment service: an invented payment, with its own signature as the order',
    async run(world, { payment }) {
      const made = order(world, 5_000n);
      const { value: envelope } = await sealAs(world, 'payment', payment, messages.paymentCreate, made);
      const asked = {
        ...hold(world),
        paymentId: made.paymentId,
        amountMinor: made.amountMinor,
        evidence: { kind: 'order', envelope } as const,
      };
      const { key, value } = await sealAs(world, 'payment', payment, messages.holdPlace, asked);
      await publishRaw(world, ACCOUNTS, key, value);
      return refusedWith(world, holdRejected, ({ holdId }) => holdId === asked.holdId, 'evidence.invalid');
    },
  },
  {
    name: 'signed by the payment service: a real order with another amount',
    async run(world, keys) {
      return changed(world, keys, (asked) => ({ ...asked, amountMinor: 5_000n }));
    },
  },
  {
    name: 'signed by the payment service: a real order with another payee',
    async run(world, keys) {
      const accomplice = (await world.merchant.call(operations.accountOpen, { body: { currency: 'EUR' } }))
        .body.accountId;
      return changed(world, keys, (asked) => ({ ...asked, creditAccountId: accomplice }));
    },
  },
  {
    name: 'a read with a stolen access token, without its key',
    run({ customer }) {
      return refusedAtTheDoor(
        () =>
          fetch(`${customer.services.account}/v1/accounts`, {
            headers: { Authorization: `Bearer ${customer.accessToken}` },
          }),
        'dpop.missing',
      );
    },
  },
  {
    name: "a payment with a stolen access token and the thief's key",
    async run(world) {
      const { services, accessToken } = world.customer;
      const thief = new ApiClient(services, accessToken, await newDpopKey());
      const body = JSON.stringify({ ...order(world), paymentId: undefined, amountMinor: 900 });
      return refusedAtTheDoor(() => thief.request(operations.createPayment, body), 'dpop.invalid');
    },
  },
];

type Hold = DataOf<typeof messages.holdPlace>;

/** Returns a hold as the payment service would request it; the attack adds the evidence. */
function hold(world: World): Omit<Hold, 'evidence'> {
  return {
    holdId: newId('hld'),
    debitAccountId: world.customerAccountId,
    creditAccountId: world.merchantAccountId,
    amountMinor: 900n,
    currency: 'EUR',
    paymentId: newId('pay'),
    expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
  };
}

/** The same message type without its schema: an attacker who writes the JSON by hand has no schema. */
const withoutEvidence: MessageDefinition = {
  ...messages.holdPlace,
  versions: { 1: { since: '2026-11-01', data: messages.holdPlace.data.partial({ evidence: true }) } },
};

/** Requests a hold with a genuine, unused order of the third party as evidence, but with different values. */
async function changed(
  world: World,
  { acme, payment }: Parameters<Attack['run']>[1],
  change: (asked: Hold) => Hold,
): Promise<{ held: boolean; shown: string }> {
  // All ids follow from the order, so that only the change differs from what was signed.
  const real = { ...order(world), capture: 'manual' as const };
  const { value: envelope } = await sealAs(world, 'acme', acme, messages.paymentCreate, real);
  const asked = change({
    ...hold(world),
    holdId: holdIdOf(real.paymentId),
    paymentId: real.paymentId,
    amountMinor: real.amountMinor,
    evidence: { kind: 'order', envelope },
  });
  const { key, value } = await sealAs(world, 'payment', payment, messages.holdPlace, asked);
  await publishRaw(world, ACCOUNTS, key, value);
  return refusedWith(world, holdRejected, ({ holdId }) => holdId === asked.holdId, 'evidence.mismatch');
}
