import * as z from 'zod';
import { id } from '../identifiers.ts';
import { paymentOrder } from '../messages/payment.ts';
import { captureMode, paymentSource } from '../messages/shapes.ts';
import { amountMinor, amountMinorOrZero, currency } from '../money.ts';
import { defineOperation } from '../operation.ts';

export const paymentStatuses = [
  'requested',
  'authorized',
  'captured',
  'cancelled',
  'failed',
  'refunded',
] as const;

export const paymentResource = z.object({
  paymentId: id('pay'),
  endToEndId: z.string(),
  source: paymentSource,
  payeeAccountId: id('acc'),
  amountMinor,
  currency,
  capture: captureMode,
  status: z.enum(paymentStatuses),
  capturedMinor: amountMinorOrZero,
  refundedMinor: amountMinorOrZero,
  code: z.string().optional().meta({ description: 'Why the payment failed' }),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

const params = z.strictObject({ paymentId: id('pay') });
const write = { service: 'payment', method: 'POST', scope: 'payments:write', authority: 'dpop' } as const;
const read = { service: 'payment', method: 'GET', scope: 'payments:read', authority: 'token' } as const;

export const createPayment = defineOperation({
  ...write,
  id: 'payment.create',
  path: '/v1/payments',
  summary: 'Pay from one of your accounts or cards',
  successStatuses: [201, 202],
  body: z.strictObject(paymentOrder),
  response: paymentResource,
});

export const capturePayment = defineOperation({
  ...write,
  id: 'payment.capture',
  path: '/v1/payments/{paymentId}/captures',
  summary: 'Collect an authorized payment, or a part of it',
  successStatuses: [201, 202],
  params,
  body: z.strictObject({ amountMinor, final: z.boolean().default(false) }),
  response: paymentResource,
});

export const cancelPayment = defineOperation({
  ...write,
  id: 'payment.cancel',
  path: '/v1/payments/{paymentId}/cancellation',
  summary: 'Release what of a payment is not captured',
  successStatuses: [201, 202],
  params,
  response: paymentResource,
});

export const refundPayment = defineOperation({
  ...write,
  id: 'payment.refund',
  path: '/v1/payments/{paymentId}/refunds',
  summary: 'Give back a payment that you received, or a part of it',
  successStatuses: [201, 202],
  params,
  body: z.strictObject({ amountMinor }),
  response: paymentResource,
});

export const getPayment = defineOperation({
  ...read,
  id: 'payment.get',
  path: '/v1/payments/{paymentId}',
  summary: 'Show a payment that you made or received',
  params,
  response: paymentResource,
});

export const listPayments = defineOperation({
  ...read,
  id: 'payment.list',
  path: '/v1/payments',
  summary: 'List the payments that you made or received, newest first',
  query: z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
  response: z.object({ payments: z.array(paymentResource) }),
});
