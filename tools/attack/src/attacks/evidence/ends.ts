import {
  captureIdOf,
  holdIdOf,
  messages,
  newId,
  operations,
  transferIdOf,
  transferIdOfOrder,
  type MessageDefinition,
} from '@tallystick/contracts';
import { publishRaw, sealAs } from '@tallystick/demo';
import { verdict, type Attack, type Verdict } from '../../attack.ts';
import { newEndToEndId } from '../../kafka/order.ts';
import { WAIT_S } from '../../target/accounts.ts';
import type { World } from '../../target/world.ts';
import { honestHold, LEDGER, requestOf } from './hold.ts';

/** Ends of a hold, by a thief of the payment service's key, that its capturer did not order. */
export const endEvidenceAttacks: readonly Attack[] = [
  endAttack(
    'post-without-evidence',
    messages.holdPost,
    'account.transfer.rejected evidence.invalid',
    (_world, hold) => ({
      ...hold,
      transferId: transferIdOfOrder(hold.paymentId),
      amountMinor: 10n,
      final: true,
    }),
  ),
  endAttack(
    'void-without-evidence',
    messages.holdVoid,
    'account.hold.void_rejected evidence.invalid',
    (_world, hold) => hold,
  ),
  endAttack(
    'post-by-another-producer',
    messages.holdPost,
    'account.transfer.rejected evidence.not_owner',
    async (world, hold) => {
      const capture = { paymentId: hold.paymentId, captureId: newId('cap'), amountMinor: 10n, final: true };
      const { id, key } = world.producers.acme;
      const { value } = await sealAs(world, id, key, messages.paymentCapture, capture);
      return {
        ...hold,
        transferId: transferIdOf(hold.paymentId, capture.captureId),
        amountMinor: 10n,
        final: true,
        evidence: { kind: 'order', envelope: value },
      };
    },
  ),
  endAttack(
    'post-by-the-payer',
    messages.holdPost,
    'account.transfer.rejected evidence.not_owner',
    async (world, hold) => {
      const path = `/v2/payments/${hold.paymentId}/captures`;
      const evidence = await requestOf(
        world,
        world.victim.client,
        'payment.capture',
        path,
        '{"amountMinor":10,"final":true}',
      );
      const captureId = captureIdOf(hold.paymentId, { amountMinor: 10n, final: true });
      const transferId = transferIdOf(hold.paymentId, captureId);
      return { ...hold, transferId, amountMinor: 10n, final: true, evidence };
    },
  ),
  endAttack(
    'void-by-the-payer',
    messages.holdVoid,
    'account.hold.void_rejected evidence.not_owner',
    async (world, hold) => {
      const path = `/v2/payments/${hold.paymentId}/cancellation`;
      return { ...hold, evidence: await requestOf(world, world.victim.client, 'payment.cancel', path, '{}') };
    },
  ),
  endAttack(
    'post-of-another-payment',
    messages.holdPost,
    'account.transfer.rejected evidence.mismatch',
    (_world, hold) => ({
      ...hold,
      paymentId: newId('pay'),
      transferId: newId('trf'),
      amountMinor: 10n,
      final: true,
    }),
  ),
];

/** The names of a hold in commands that end it. */
interface OnHold {
  holdId: string;
  debitAccountId: string;
  paymentId: string;
}

/** Makes an attack on the hold of a new payment from the purse, that the payee may capture. */
function endAttack(
  name: string,
  definition: typeof messages.holdPost | typeof messages.holdVoid,
  expected: string,
  make: (world: World, hold: OnHold) => object | Promise<object>,
): Attack {
  return {
    name: `evidence.${name}`,
    on: LEDGER,
    control: honestHold,
    run: async (world): Promise<Verdict> => {
      const { body } = await world.victim.client.call(operations.createPayment, {
        body: {
          source: { kind: 'account', accountId: world.accounts.purse },
          payee: { kind: 'account', accountId: world.accounts.till },
          amountMinor: 10n,
          currency: 'EUR',
          capture: 'manual',
          capturedBy: 'payee',
          endToEndId: newEndToEndId(),
        },
        waitS: WAIT_S,
      });
      const { paymentId } = body;
      const hold = { holdId: holdIdOf(paymentId), debitAccountId: world.accounts.purse, paymentId };
      const data = (await make(world, hold)) as never;
      const sealed = await sealAs(
        world,
        'payment',
        world.serviceKeys.payment,
        definition as MessageDefinition,
        data,
      );
      await publishRaw(world, LEDGER, sealed.key, sealed.value);
      const { claims } = await world.watch.events.next(
        (event) => event.claims.cause === sealed.claims.jti,
        15_000,
      );
      return verdict(expected, `${claims.type} ${(claims.data as { code?: string }).code ?? ''}`.trim());
    },
  };
}
