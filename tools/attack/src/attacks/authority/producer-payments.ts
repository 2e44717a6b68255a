import {
  messages,
  newId,
  operations,
  type DataOf,
  type ErrorCode,
  type MessageDefinition,
} from '@tallystick/contracts';
import { publishRaw, sealAs } from '@tallystick/demo';
import { verdict, type Attack, type Verdict } from '../../attack.ts';
import { refusedWith } from '../../http/refused.ts';
import { honestTerms, ORDERS, orderOf, paymentEnds } from '../../kafka/order.ts';
import type { Producer, World } from '../../target/world.ts';
import { AMOUNT, authorized, captured, honestPayment, order } from './payment.ts';

const { capturePayment } = operations;
const NOT_PERMITTED = 'payment.not_permitted';

/** Commands of third parties about payments in which they have no part. */
const byProducers: Attack[] = (['acme', 'outlaw'] as const).flatMap((who) =>
  (
    [
      [
        'captured',
        messages.paymentCapture,
        (paymentId: string) => ({
          paymentId,
          captureId: newId('cap'),
          amountMinor: BigInt(AMOUNT),
          final: true,
        }),
      ],
      ['cancelled', messages.paymentCancel, (paymentId: string) => ({ paymentId })],
      [
        'refunded',
        messages.paymentRefund,
        (paymentId: string) => ({ paymentId, refundId: newId('rfd'), amountMinor: 1n }),
      ],
    ] as const
  ).map(([verb, definition, data]): Attack => ({
    name: `payments.${verb}-by-${who}-over-kafka`,
    on: ORDERS,
    control: honestPayment,
    run: async (world) => {
      const paymentId = await authorized(world, 'initiator');
      return rejected(
        world,
        definition as MessageDefinition,
        data(paymentId),
        world.producers[who],
        'payment.not_found',
      );
    },
  })),
);

/** Payments that `acme` ordered and may capture, by others. */
const ofProducers: Attack[] = [
  ofAcme('captured-by-another-producer', (world, paymentId) =>
    rejected(
      world,
      messages.paymentCapture as never,
      captureOf(paymentId),
      world.producers.outlaw,
      'payment.not_found',
    ),
  ),
  ofAcme('cancelled-by-another-producer', (world, paymentId) =>
    rejected(
      world,
      messages.paymentCancel as never,
      { paymentId },
      world.producers.outlaw,
      'payment.not_found',
    ),
  ),
  ofAcme('captured-by-the-payee', async ({ thief }, paymentId) =>
    refusedWith(await order(thief, capturePayment, paymentId, captured), NOT_PERMITTED),
  ),
  ofAcme('captured-by-the-payer', async ({ victim }, paymentId) =>
    refusedWith(await order(victim, capturePayment, paymentId, captured), NOT_PERMITTED),
  ),
  ofAcme('captured-beyond-its-amount', (world, paymentId) =>
    rejected(
      world,
      messages.paymentCapture as never,
      { ...captureOf(paymentId), amountMinor: 11n },
      world.producers.acme,
      'payment.amount_exceeded',
    ),
  ),
  ofAcme('refunded-by-its-initiator', (world, paymentId) =>
    rejected(
      world,
      messages.paymentRefund as never,
      { paymentId, refundId: newId('rfd'), amountMinor: 1n },
      world.producers.acme,
      'payment.not_permitted',
    ),
  ),
];

const captureOf = (paymentId: string): DataOf<typeof messages.paymentCapture> => ({
  paymentId,
  captureId: newId('cap'),
  amountMinor: BigInt(AMOUNT),
  final: true,
});

/** Makes an attack on a new payment of `acme` from the purse, with manual capture. */
function ofAcme(name: string, attack: (world: World, paymentId: string) => Promise<Verdict>): Attack {
  return {
    name: `payments.of-acme-${name}`,
    on: ORDERS,
    run: async (world) => {
      const { id, key } = world.producers.acme;
      const terms = { ...honestTerms(world), amountMinor: BigInt(AMOUNT), capture: 'manual' as const };
      const sealed = await sealAs(world, id, key, messages.paymentCreate, orderOf(world, terms));
      await publishRaw(world, ORDERS, sealed.key, sealed.value);
      const begun = await paymentEnds(world, sealed.key, messages.paymentAuthorized.type);
      return begun.held ? attack(world, sealed.key) : begun;
    },
  };
}

/** Sends a command of a third party; it must be rejected with a code. */
async function rejected(
  world: World,
  definition: MessageDefinition,
  data: object,
  { id, key }: Producer,
  code: ErrorCode,
): Promise<Verdict> {
  const sealed = await sealAs(world, id, key, definition, data as never);
  await publishRaw(world, ORDERS, sealed.key, sealed.value);
  const { claims } = await world.watch.events.next(
    (event) =>
      event.claims.type === messages.paymentCommandRejected.type &&
      (event.claims.data as { commandJti?: string }).commandJti === sealed.claims.jti,
    15_000,
  );
  return verdict(code, String((claims.data as { code?: string }).code));
}

/** Attacks on payments by third parties without a part in them, and on payments of third parties. */
export const producerPaymentAttacks: readonly Attack[] = [...byProducers, ...ofProducers];
