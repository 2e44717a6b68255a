import * as z from 'zod';
import { operation } from '../definitions/operation.ts';
import { id } from '../shapes/identifiers.ts';
import { amountMinor } from '../shapes/money.ts';
import {
  answeredV1,
  commandsPayment,
  onePayment,
  readsPayment,
  writesPayment,
} from '../shapes/payment-operation.ts';
import { captureResource, PAYMENT_V2, paymentResource, refundResource } from '../shapes/payment-resource.ts';

const captureV1 = z.strictObject({ amountMinor, final: z.boolean().default(false) });
const refundV1 = z.strictObject({ amountMinor });
const named = (what: string): { description: string } => ({
  description: `Names the ${what}. Without it, equal ${what}s of a payment are one and the same`,
});
const capture = captureV1.extend({ captureId: id('cap').optional().meta(named('capture')) });
const refund = refundV1.extend({ refundId: id('rfd').optional().meta(named('refund')) });

export const capturePayment = operation('payment.capture', {
  ...writesPayment,
  path: '/payments/{paymentId}/captures',
  location: '/payments/{paymentId}',
  summary: 'Capture an authorized payment, in full or in part',
  params: onePayment,
  errors: [...commandsPayment, 'payment.amount_exceeded'],
  current: { since: PAYMENT_V2, body: capture, response: paymentResource },
  earlier: { 1: answeredV1(captureV1) },
});

export const refundPayment = operation('payment.refund', {
  ...writesPayment,
  path: '/payments/{paymentId}/refunds',
  location: '/payments/{paymentId}',
  summary: 'Refund a payment that you received, in full or in part',
  params: onePayment,
  errors: [...commandsPayment, 'payment.amount_exceeded'],
  current: { since: PAYMENT_V2, body: refund, response: paymentResource },
  earlier: { 1: answeredV1(refundV1) },
});

const since = '2026-11-29';

export const getCapture = operation('payment.capture.get', {
  ...readsPayment,
  path: '/payments/{paymentId}/captures/{captureId}',
  summary: 'Show a capture of a payment: whether the ledger posted it, or why it refused it',
  params: onePayment.extend({ captureId: id('cap') }),
  errors: ['payment.not_found', 'resource.not_found'],
  current: { since, response: captureResource },
});

export const getRefund = operation('payment.refund.get', {
  ...readsPayment,
  path: '/payments/{paymentId}/refunds/{refundId}',
  summary: 'Show a refund of a payment: whether the ledger posted it, or why it refused it',
  params: onePayment.extend({ refundId: id('rfd') }),
  errors: ['payment.not_found', 'resource.not_found'],
  current: { since, response: refundResource },
});
