import * as z from 'zod';
import { errorCodes, type ErrorCode } from '../errors.ts';
import { id } from '../identifiers.ts';
import { amountMinor } from '../money.ts';

/** ISO 8601 in UTC. */
export const expiresAt = z.iso.datetime().meta({ description: 'ISO 8601 UTC time' });

/** A producer's id, as in `iss`. */
export const producerId = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,62}$/, 'must be 2 to 63 of a-z, 0-9 and -, starting with a letter')
  .meta({ description: 'Id of a message producer, as in the claim iss' });

/** Who may debit: an outside producer by its orders, or a card by the card service's decisions. */
export const grantee = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('producer'), id: producerId }),
  z.strictObject({ kind: z.literal('card'), id: id('crd') }),
]);
export type Grantee = z.output<typeof grantee>;

/** The most that a mandate allows: a payment, a day (UTC) and a calendar month (UTC). */
export const limits = z.strictObject({
  perPaymentMinor: amountMinor,
  perDayMinor: amountMinor,
  perMonthMinor: amountMinor,
});
export type Limits = z.output<typeof limits>;

const codes = Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]];

/** Why something was refused: a stable code, and words that hold no secret. */
export const rejection = { code: z.enum(codes), detail: z.string().optional() };

/** Where a payment's money comes from. */
export const paymentSource = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('account'), accountId: id('acc') }),
  z.strictObject({ kind: z.literal('card'), cardId: id('crd') }),
]);
export type PaymentSource = z.output<typeof paymentSource>;

/** ISO 20022 `EndToEndId` (Max35Text), unique for each payer. */
export const endToEndId = z
  .string()
  .regex(/^[A-Za-z0-9/?:().,'+ -]{1,35}$/, 'must be 1 to 35 characters of the ISO 20022 basic set')
  .meta({ description: "ISO 20022 EndToEndId: the payer's own id of the payment, unique for each payer" });

/** Whether a payment is captured at once or by later commands. */
export const captureMode = z.enum(['automatic', 'manual']);
