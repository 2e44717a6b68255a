import * as z from 'zod';
import { id } from './identifiers.ts';
import { amountMinor, amountMinorOrZero, currency } from './money.ts';
import { capturedBy, captureMode, payee, paymentSource } from './payment-order.ts';

export const paymentStatuses = [
  'requested',
  'authorized',
  'captured',
  'cancelled',
  'failed',
  'refunded',
] as const;

/** Whether the ledger was asked for a movement of money, posted it or refused it. */
export const movementStatuses = ['requested', 'posted', 'rejected'] as const;

/** Whether the ledger was asked to release a hold, released it or refused to. */
export const cancellationStatuses = ['requested', 'carried_out', 'rejected'] as const;

/** Version 2 of a payment names the payee by its kind, and shows its captures, refunds and cancellation. */
export const PAYMENT_V1 = '2026-11-01';
export const PAYMENT_V2 = '2026-11-28';
export const paymentV1Deprecated = { since: PAYMENT_V2, sunset: '2027-12-01', use: 2 };

/** How many captures and refunds a payment shows, of each the newest. Every one can be read by its id. */
export const MOVEMENTS_SHOWN = 20;

const why = (what: string): z.ZodOptional<z.ZodString> =>
  z
    .string()
    .optional()
    .meta({ description: `Reason why the ${what}` });

const movement = {
  status: z.enum(movementStatuses),
  amountMinor,
  code: why('ledger refused it'),
  requestedAt: z.iso.datetime(),
};

export const captureResource = z.object({ captureId: id('cap'), ...movement });
export const refundResource = z.object({ refundId: id('rfd'), ...movement });
const cancellation = z.object({ status: z.enum(cancellationStatuses), code: why('ledger refused it') });

const progress = {
  status: z.enum(paymentStatuses),
  capturedMinor: amountMinorOrZero,
  refundedMinor: amountMinorOrZero,
  code: why('payment failed'),
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

export const paymentResource = z.object({
  ...terms,
  payee,
  capturedBy,
  ...progress,
  captures: z.array(captureResource).meta({ description: `The newest ${MOVEMENTS_SHOWN}, newest first` }),
  refunds: z.array(refundResource).meta({ description: `The newest ${MOVEMENTS_SHOWN}, newest first` }),
  cancellation: cancellation.optional(),
});
export const paymentResourceV1 = z.object({ ...terms, payeeAccountId: id('acc'), ...progress });

/** Lowers a payment to version 1. */
export function lowerPayment({
  payee: { accountId },
  capturedBy: _capturedBy,
  captures: _captures,
  refunds: _refunds,
  cancellation: _cancellation,
  ...rest
}: z.output<typeof paymentResource>): z.output<typeof paymentResourceV1> {
  return { ...rest, payeeAccountId: accountId };
}
