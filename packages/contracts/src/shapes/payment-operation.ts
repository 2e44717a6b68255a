import * as z from 'zod';
import { supersededOperation } from '../definitions/operation.ts';
import type { ErrorCode } from '../errors.ts';
import { id } from './identifiers.ts';
import { lowerPayment, PAYMENT_V1, paymentResourceV1, paymentV1Deprecated } from './payment-resource.ts';

export const onePayment = z.strictObject({ paymentId: id('pay') });

export const writesPayment = {
  service: 'payment',
  method: 'POST',
  scope: 'payments:write',
  proof: 'dpop',
  successStatuses: [201, 202],
} as const;

export const readsPayment = {
  service: 'payment',
  method: 'GET',
  scope: 'payments:read',
  proof: 'none',
} as const;

export const commandsPayment: ErrorCode[] = [
  'payment.not_found',
  'payment.not_permitted',
  'payment.state_conflict',
];

/** Defines version 1 of an operation with an unchanged body: its response names the payee by account only. */
export const answeredV1 = (body: z.ZodType): ReturnType<typeof supersededOperation> =>
  supersededOperation({
    since: PAYMENT_V1,
    deprecated: paymentV1Deprecated,
    body,
    response: paymentResourceV1,
    up: (same) => same,
    down: lowerPayment,
  });
