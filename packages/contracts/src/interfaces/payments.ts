import * as z from 'zod';
import { command, event, superseded } from '../definitions/message.ts';
import { operation, supersededOperation } from '../definitions/operation.ts';
import type { ErrorCode } from '../errors.ts';
import { cursor, nextCursor } from '../shapes/cursor.ts';
import { id } from '../shapes/identifiers.ts';
import { amountMinor, amountMinorOrZero, currency } from '../shapes/money.ts';
import {
  captureMode,
  capturedBy,
  liftPaymentOrder,
  payee,
  paymentOrder,
  paymentOrderV1,
  paymentSource,
} from '../shapes/payment-order.ts';
import { rejection } from '../shapes/rejection.ts';

export const paymentStatuses = [
  'requested',
  'authorized',
  'captured',
  'cancelled',
  'failed',
  'refunded',
] as const;

/** Version 2 names the payee by its kind. */
import { OUTCOMES } from '../topics.ts';

const v1 = '2026-11-01';
const v2 = '2026-11-28';
const deprecated = { since: v2, sunset: '2027-12-01', use: 2 };

const progress = {
  status: z.enum(paymentStatuses),
  capturedMinor: amountMinorOrZero,
  refundedMinor: amountMinorOrZero,
  code: z.string().optional().meta({ description: 'Reason why the payment failed' }),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
};
const terms = {
  paymentId: id('pay'),
  endToEndId: z.string(),
  source: paymentSource,
  amountMinor,
  currency,
  capture: captureMode,
};

export const paymentResource = z.object({ ...terms, payee, capturedBy, ...progress });
const paymentResourceV1 = z.object({ ...terms, payeeAccountId: id('acc'), ...progress });

function lowerPayment({
  payee: { accountId },
  capturedBy: _capturedBy,
  ...rest
}: z.output<typeof paymentResource>): z.output<typeof paymentResourceV1> {
  return { ...rest, payeeAccountId: accountId };
}

const params = z.strictObject({ paymentId: id('pay') });
const write = {
  service: 'payment',
  method: 'POST',
  scope: 'payments:write',
  proof: 'dpop',
  successStatuses: [201, 202],
} as const;
const read = { service: 'payment', method: 'GET', scope: 'payments:read', proof: 'none' } as const;
const onPayment: ErrorCode[] = ['payment.not_found', 'payment.not_permitted', 'payment.state_conflict'];

const orderExample = {
  source: { kind: 'account', accountId: 'acc_01890a5d-ac96-774b-bcce-b302099a8057' },
  amountMinor: 1250,
  currency: 'EUR',
  endToEndId: 'INVOICE-1',
};
const payeeAccountId = 'acc_01890a5d-ac96-774b-bcce-b302099a8058';
const orderExampleV1 = { ...orderExample, payeeAccountId };
const orderExampleV2 = { ...orderExample, payee: { kind: 'account', accountId: payeeAccountId } };

export const createPayment = operation('payment.create', {
  ...write,
  path: '/payments',
  location: '/payments/{paymentId}',
  summary: 'Pay from one of your accounts or cards',
  errors: ['payment.end_to_end_id_reused', 'ledger.account_not_found'],
  current: {
    since: v2,
    body: z.strictObject({ ...paymentOrder, capturedBy: capturedBy.default('payee') }),
    response: paymentResource,
    examples: [orderExampleV2],
  },
  earlier: {
    1: supersededOperation({
      since: v1,
      deprecated,
      body: z.strictObject(paymentOrderV1),
      response: paymentResourceV1,
      up: liftPaymentOrder('payee'),
      down: lowerPayment,
      examples: [orderExampleV1],
    }),
  },
});

const captureV1 = z.strictObject({ amountMinor, final: z.boolean().default(false) });
const refundV1 = z.strictObject({ amountMinor });
const named = (what: string): { description: string } => ({
  description: `Names the ${what}. Without it, equal ${what}s of a payment are one and the same`,
});
const capture = captureV1.extend({ captureId: id('cap').optional().meta(named('capture')) });
const refund = refundV1.extend({ refundId: id('rfd').optional().meta(named('refund')) });

/** Defines version 1 of an operation with an unchanged body: its response names the payee by account only. */
const answeredV1 = (body: z.ZodType): ReturnType<typeof supersededOperation> =>
  supersededOperation({
    since: v1,
    deprecated,
    body,
    response: paymentResourceV1,
    up: (same) => same,
    down: lowerPayment,
  });
const nothing = z.strictObject({});

export const capturePayment = operation('payment.capture', {
  ...write,
  path: '/payments/{paymentId}/captures',
  location: '/payments/{paymentId}',
  summary: 'Capture an authorized payment, in full or in part',
  params,
  errors: [...onPayment, 'payment.amount_exceeded'],
  current: { since: v2, body: capture, response: paymentResource },
  earlier: { 1: answeredV1(captureV1) },
});

export const cancelPayment = operation('payment.cancel', {
  ...write,
  path: '/payments/{paymentId}/cancellation',
  location: '/payments/{paymentId}',
  summary: 'Release the amount of a payment that is not captured',
  params,
  errors: onPayment,
  current: { since: v2, response: paymentResource },
  earlier: { 1: answeredV1(nothing) },
});

export const refundPayment = operation('payment.refund', {
  ...write,
  path: '/payments/{paymentId}/refunds',
  location: '/payments/{paymentId}',
  summary: 'Refund a payment that you received, in full or in part',
  params,
  errors: [...onPayment, 'payment.amount_exceeded'],
  current: { since: v2, body: refund, response: paymentResource },
  earlier: { 1: answeredV1(refundV1) },
});

export const getPayment = operation('payment.get', {
  ...read,
  path: '/payments/{paymentId}',
  summary: 'Show a payment that you made or received',
  params,
  errors: ['payment.not_found'],
  current: { since: v2, response: paymentResource },
  earlier: { 1: answeredV1(nothing) },
});

export const listPayments = operation('payment.list', {
  ...read,
  path: '/payments',
  summary: 'List the payments that you made or received, newest first',
  query: z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(50), cursor }),
  current: { since: v2, response: z.object({ payments: z.array(paymentResource), nextCursor }) },
  earlier: {
    1: supersededOperation({
      since: v1,
      deprecated,
      response: z.object({ payments: z.array(paymentResourceV1), nextCursor }),
      down: ({
        payments,
        ...rest
      }: {
        payments: z.output<typeof paymentResource>[];
        nextCursor?: string;
      }) => ({
        ...rest,
        payments: payments.map(lowerPayment),
      }),
    }),
  },
});

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
    since: v2,
    data: { paymentId: id('pay'), ...paymentOrder, capturedBy: capturedBy.default('initiator') },
    examples: [{ paymentId: 'pay_01890a5d-ac96-774b-bcce-b302099a8057', ...orderExampleV2 }],
  },
  earlier: {
    1: superseded({
      since: v1,
      deprecated,
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
    since: v1,
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
  current: { since: v1, data: { paymentId: id('pay') } },
});

export const paymentRefund = command('payment.refund', {
  ...fromClient,
  summary: 'Refund a captured payment, in full or in part; requires a mandate on the payee account',
  outcomes: ['payment.refunded', 'payment.command_rejected'],
  current: { since: v1, data: { paymentId: id('pay'), refundId: id('rfd'), amountMinor } },
});

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
  current: { since: v1, data: facts },
});

export const paymentCaptured = event('payment.captured', {
  ...toClient,
  summary: 'The payment was captured, in full or in part',
  current: { since: v1, data: facts },
});

export const paymentCancelled = event('payment.cancelled', {
  ...toClient,
  summary: 'The payment ended and its held amount is released',
  current: { since: v1, data: facts },
});

export const paymentRefunded = event('payment.refunded', {
  ...toClient,
  summary: 'The payment was refunded, in full or in part',
  current: { since: v1, data: facts },
});

export const paymentFailed = event('payment.failed', {
  ...toClient,
  summary: 'The payment ended; no money moved',
  current: { since: v1, data: { ...facts, ...rejection } },
});

export const paymentCommandRejected = event('payment.command_rejected', {
  ...toClient,
  summary: 'A command on a payment was refused; the payment did not change',
  current: {
    since: v1,
    data: { paymentId: id('pay'), command: z.string(), commandJti: z.string().optional(), ...rejection },
  },
});
