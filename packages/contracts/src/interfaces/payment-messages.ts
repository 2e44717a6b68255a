import * as z from 'zod';
import { command, event, superseded } from '../definitions/message.ts';
import { id } from '../shapes/identifiers.ts';
import { amountMinor, amountMinorOrZero, currency } from '../shapes/money.ts';
import { orderExampleV1, orderExampleV2 } from '../shapes/payment-order-examples.ts';
import { capturedBy, liftPaymentOrder, paymentOrder, paymentOrderV1 } from '../shapes/payment-order.ts';
import { PAYMENT_V1, PAYMENT_V2, paymentV1Deprecated } from '../shapes/payment-resource.ts';
import { rejection } from '../shapes/rejection.ts';
import { OUTCOMES } from '../topics.ts';

const outcomes = ['payment.captured', 'payment.failed', 'payment.command_rejected'];
const fromClient = {
  from: ['client'],
  to: 'payment',
  key: 'paymentId',
  lifetimeS: 300,
  replay: 'none',
} as const;

export const paymentCreate = command('payment.create', {
  ...fromClient,
  summary: 'Pay from an account for which the producer has a mandate',
  outcomes: ['payment.authorized', ...outcomes],
  current: {
    since: PAYMENT_V2,
    data: { paymentId: id('pay'), ...paymentOrder, capturedBy: capturedBy.default('initiator') },
    examples: [{ paymentId: 'pay_01890a5d-ac96-774b-bcce-b302099a8057', ...orderExampleV2 }],
  },
  earlier: {
    1: superseded({
      since: PAYMENT_V1,
      deprecated: paymentV1Deprecated,
      data: { paymentId: id('pay'), ...paymentOrderV1 },
      up: liftPaymentOrder('initiator'),
      examples: [{ paymentId: 'pay_01890a5d-ac96-774b-bcce-b302099a8057', ...orderExampleV1 }],
    }),
  },
});

export const paymentCapture = command('payment.capture', {
  ...fromClient,
  summary: 'Capture an authorized payment, in full or in part',
  outcomes: ['payment.captured', 'payment.command_rejected'],
  current: {
    since: PAYMENT_V1,
    data: {
      paymentId: id('pay'),
      captureId: id('cap'),
      amountMinor,
      final: z.boolean().default(false).meta({ description: 'Whether the remainder is released' }),
    },
  },
});

export const paymentCancel = command('payment.cancel', {
  ...fromClient,
  summary: 'Release the amount of a payment that is not captured',
  outcomes: ['payment.cancelled', 'payment.command_rejected'],
  current: { since: PAYMENT_V1, data: { paymentId: id('pay') } },
});

export const paymentRefund = command('payment.refund', {
  ...fromClient,
  summary: 'Refund a captured payment, in full or in part; requires a mandate on the payee account',
  outcomes: ['payment.refunded', 'payment.command_rejected'],
  current: { since: PAYMENT_V1, data: { paymentId: id('pay'), refundId: id('rfd'), amountMinor } },
});

const captureId = id('cap').optional();
const refundId = id('rfd').optional();
const facts = {
  paymentId: id('pay'),
  endToEndId: z.string(),
  payeeAccountId: id('acc'),
  amountMinor,
  currency,
  capturedMinor: amountMinorOrZero,
  refundedMinor: amountMinorOrZero,
};
const toClient = { to: ['client'], topic: OUTCOMES, key: 'paymentId', replay: 'none' } as const;

export const paymentAuthorized = event('payment.authorized', {
  ...toClient,
  summary: 'The amount is held and may be captured',
  current: { since: PAYMENT_V1, data: facts },
});

export const paymentCaptured = event('payment.captured', {
  ...toClient,
  summary: 'The payment was captured, in full or in part',
  current: {
    since: PAYMENT_V1,
    data: {
      ...facts,
      captureId: captureId.meta({ description: 'The posted capture; absent if the order itself captures' }),
    },
  },
});

export const paymentCancelled = event('payment.cancelled', {
  ...toClient,
  summary: 'The payment ended and its held amount is released',
  current: { since: PAYMENT_V1, data: facts },
});

export const paymentRefunded = event('payment.refunded', {
  ...toClient,
  summary: 'The payment was refunded, in full or in part',
  current: {
    since: PAYMENT_V1,
    data: { ...facts, refundId: refundId.meta({ description: 'The posted refund' }) },
  },
});

export const paymentFailed = event('payment.failed', {
  ...toClient,
  summary: 'The payment ended; no money moved',
  current: { since: PAYMENT_V1, data: { ...facts, ...rejection } },
});

export const paymentCommandRejected = event('payment.command_rejected', {
  ...toClient,
  summary: 'A command on a payment was refused; the payment did not change',
  current: {
    since: PAYMENT_V1,
    data: {
      paymentId: id('pay'),
      command: z.string(),
      commandJti: z.string().optional(),
      captureId: captureId.meta({ description: 'The refused capture, if the ledger refused one' }),
      refundId: refundId.meta({ description: 'The refused refund, if the ledger refused one' }),
      ...rejection,
    },
  },
});
