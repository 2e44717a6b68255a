import { newId, operations } from '@tallystick/contracts';
import { verdict, type Attack } from '../../attack.ts';
import { ask } from '../../http/ask.ts';
import { routeOf } from '../../http/refused.ts';
import { AMOUNT, authorized, captured, full, honestPayment, order, paymentAttack } from './payment.ts';

const { capturePayment, cancelPayment, refundPayment } = operations;
const NOT_PERMITTED = 'payment.not_permitted';

const roles: Attack[] = [
  paymentAttack('captured-by-the-payer', capturePayment, NOT_PERMITTED, ({ victim }, id) =>
    order(victim, capturePayment, id, captured),
  ),
  paymentAttack('cancelled-by-the-payer', cancelPayment, NOT_PERMITTED, ({ victim }, id) =>
    order(victim, cancelPayment, id, {}),
  ),
  paymentAttack(
    'captured-by-the-payee',
    capturePayment,
    NOT_PERMITTED,
    ({ thief }, id) => order(thief, capturePayment, id, captured),
    'initiator',
  ),
  paymentAttack('refunded-by-the-payer', refundPayment, NOT_PERMITTED, async ({ victim, thief }, id) => {
    await order(thief, capturePayment, id, captured);
    return order(victim, refundPayment, id, full);
  }),
];

const states: Attack[] = [
  paymentAttack('captured-beyond-its-amount', capturePayment, 'payment.amount_exceeded', ({ thief }, id) =>
    order(thief, capturePayment, id, { amountMinor: AMOUNT + 1 }),
  ),
  paymentAttack('captured-twice', capturePayment, 'payment.state_conflict', async ({ thief }, id) => {
    await order(thief, capturePayment, id, captured);
    return order(thief, capturePayment, id, { ...captured, captureId: newId('cap') });
  }),
  paymentAttack(
    'captured-in-parts-beyond-its-amount',
    capturePayment,
    'payment.amount_exceeded',
    async ({ thief }, id) => {
      await order(thief, capturePayment, id, { amountMinor: 6 });
      return order(thief, capturePayment, id, { amountMinor: 6, captureId: newId('cap') });
    },
  ),
  paymentAttack(
    'captured-after-its-cancellation',
    capturePayment,
    'payment.state_conflict',
    async ({ thief }, id) => {
      await order(thief, cancelPayment, id, {});
      return order(thief, capturePayment, id, captured);
    },
  ),
  paymentAttack(
    'cancelled-after-its-capture',
    cancelPayment,
    'payment.state_conflict',
    async ({ thief }, id) => {
      await order(thief, capturePayment, id, captured);
      return order(thief, cancelPayment, id, {});
    },
  ),
  paymentAttack('refunded-before-its-capture', refundPayment, 'payment.state_conflict', ({ thief }, id) =>
    order(thief, refundPayment, id, full),
  ),
  paymentAttack(
    'refunded-beyond-its-amount',
    refundPayment,
    'payment.amount_exceeded',
    async ({ thief }, id) => {
      await order(thief, capturePayment, id, captured);
      return order(thief, refundPayment, id, { amountMinor: AMOUNT + 1 });
    },
  ),
  paymentAttack('refunded-twice', refundPayment, 'payment.amount_exceeded', async ({ thief }, id) => {
    await order(thief, capturePayment, id, captured);
    await order(thief, refundPayment, id, full);
    return order(thief, refundPayment, id, { ...full, refundId: newId('rfd') });
  }),
  ...['0', '-1', '0.5', '1e400', '9007199254740993', '"10"'].map((amount) =>
    paymentAttack(
      `captured-with-the-amount-${amount.replaceAll('"', '')}${amount.startsWith('"') ? '-as-text' : ''}`,
      capturePayment,
      'request.invalid',
      ({ thief }, paymentId) =>
        ask(thief.client, capturePayment, { params: { paymentId }, body: `{"amountMinor":${amount}}` }),
    ),
  ),
  {
    name: 'payments.captured-ten-times-at-once',
    on: routeOf(capturePayment, 2),
    control: honestPayment,
    run: async (world) => {
      const paymentId = await authorized(world, 'payee');
      const all = Array.from({ length: 10 }, () =>
        order(world.thief, capturePayment, paymentId, { amountMinor: AMOUNT, captureId: newId('cap') }),
      );
      await Promise.all(all);
      const { body } = await world.thief.client.call(operations.getPayment, { params: { paymentId } });
      return verdict(`${AMOUNT} captured`, `${body.capturedMinor} captured`);
    },
  },
];

/** Attacks over HTTP on payments, by parties without the role, or in a state that does not allow it. */
export const paymentAttacks: readonly Attack[] = [...roles, ...states];
