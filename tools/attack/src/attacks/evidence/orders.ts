import { holdIdOf, messages, newId, type Evidence, type MessageDefinition } from '@tallystick/contracts';
import { newDpopKey, sealAs } from '@tallystick/demo';
import type { Attack } from '../../attack.ts';
import { orderOf, quarantinedText } from '../../kafka/order.ts';
import type { World } from '../../target/world.ts';
import { holdAttack, holdFor, honestHold, LEDGER, order, requestOf, type Hold } from './hold.ts';

/** A hold as a sender without the schema writes it. */
type Forged = Omit<Hold, 'evidence'> & { evidence?: Evidence };

/** The hold of a genuine order, with changes. */
function changedHold(name: string, change: (hold: Hold, world: World) => Partial<Hold>): Attack {
  return holdAttack(name, 'evidence.mismatch', async (world) => {
    const { terms, evidence } = await order(world);
    const hold = holdFor(terms, evidence);
    return { ...hold, ...change(hold, world) };
  });
}

/** Holds by a thief of the payment service's key, with the order of a third party as evidence. */
export const orderEvidenceAttacks: readonly Attack[] = [
  changedHold('order-with-another-amount', () => ({ amountMinor: 901n })),
  changedHold('order-with-a-smaller-amount', () => ({ amountMinor: 1n })),
  changedHold('order-with-another-payee', (_hold, { accounts }) => ({ creditAccountId: accounts.till })),
  changedHold('order-with-another-payer', (_hold, { accounts }) => ({ debitAccountId: accounts.purse })),
  changedHold('order-with-another-currency', () => ({ currency: 'USD' })),
  changedHold('order-with-another-payment', () => ({ paymentId: newId('pay') })),
  changedHold('order-with-another-hold', () => ({ holdId: newId('hld') })),
  changedHold('order-of-another-payment-altogether', () => {
    const paymentId = newId('pay');
    return { paymentId, holdId: holdIdOf(paymentId) };
  }),
  holdAttack('order-that-captures-at-once', 'evidence.mismatch', async (world) => {
    const { terms, evidence } = await order(world, { capture: 'automatic' });
    return holdFor(terms, evidence);
  }),
  holdAttack('order-of-a-producer-without-mandate', 'mandate.missing', async (world) => {
    const { terms, evidence } = await order(world, {}, world.producers.outlaw);
    return holdFor(terms, evidence);
  }),
  holdAttack('order-of-a-revoked-producer', 'evidence.invalid', async (world) => {
    const { terms, evidence } = await order(world, {}, world.producers.gone);
    return holdFor(terms, evidence);
  }),
  holdAttack('order-of-a-producer-without-permission', 'evidence.invalid', async (world) => {
    const { terms, evidence } = await order(world, {}, world.producers.bystander);
    return holdFor(terms, evidence);
  }),
  holdAttack('order-by-the-payment-service', 'evidence.invalid', async (world) => {
    const by = { id: 'payment', key: world.serviceKeys.payment };
    const { terms, evidence } = await order(world, {}, by);
    return holdFor(terms, evidence);
  }),
  holdAttack('order-under-the-name-of-acme', 'evidence.invalid', async (world) => {
    const { terms, evidence } = await order(world, {}, { id: 'acme', key: world.serviceKeys.payment });
    return holdFor(terms, evidence);
  }),
  holdAttack('order-by-a-new-key', 'evidence.invalid', async (world) => {
    const { terms, evidence } = await order(world, {}, { id: 'acme', key: await newDpopKey() });
    return holdFor(terms, evidence);
  }),
  holdAttack('order-that-expired', 'evidence.expired', async (world) => {
    const { id, key } = world.producers.acme;
    const terms = orderOf(world, { capture: 'manual' });
    const { value } = await sealAs(world, id, key, messages.paymentCreate, terms, {
      nowMs: Date.now() - 50_000,
      lifetimeS: 10,
    });
    return holdFor(terms, { kind: 'order', envelope: value });
  }),
  holdAttack('capture-instead-of-an-order', 'evidence.kind_refused', async (world) => {
    const { id, key } = world.producers.acme;
    const terms = orderOf(world, { capture: 'manual' });
    const capture = { paymentId: terms.paymentId, captureId: newId('cap'), amountMinor: 900n, final: true };
    const { value } = await sealAs(world, id, key, messages.paymentCapture, capture);
    return holdFor(terms, { kind: 'order', envelope: value });
  }),
  holdAttack('text-instead-of-an-order', 'evidence.invalid', async (world) =>
    holdFor(orderOf(world), { kind: 'order', envelope: 'let me in' }),
  ),
  holdAttack('decision-by-the-payment-service', 'evidence.invalid', async (world) => {
    const request = await requestOf(world, world.victim.client, 'payment.create', '/v2/payments', '{}');
    const { evidence } = await order(world, {}, { id: 'payment', key: world.serviceKeys.payment });
    return holdFor(orderOf(world), { kind: 'decision', envelope: evidence.envelope, request });
  }),
  {
    name: 'evidence.none',
    on: LEDGER,
    control: honestHold,
    run: async (world) => {
      const { evidence: _evidence, ...hold }: Forged = holdFor(orderOf(world), {
        kind: 'order',
        envelope: 'x',
      });
      const sealed = await sealAs(
        world,
        'payment',
        world.serviceKeys.payment,
        withoutEvidence,
        hold as never,
      );
      return quarantinedText(
        world,
        { topic: LEDGER, key: sealed.key, value: sealed.value },
        'envelope.schema_invalid',
      );
    },
  },
];

/** The message without its schema for evidence: an attacker who writes the JSON by hand has none. */
const withoutEvidence: MessageDefinition = {
  ...messages.holdPlace,
  versions: { 1: { since: '2026-11-01', data: messages.holdPlace.data.partial({ evidence: true }) } },
};
