import * as z from 'zod';
import { id } from './identifiers.ts';
import { amountMinor } from './money.ts';

/** A producer's id, as in `iss`. */
export const producerId = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,62}$/, 'must be 2 to 63 of a-z, 0-9 and -, starting with a letter')
  .meta({ description: 'Id of a message producer, as in the claim iss', examples: ['acme'] });

/** The party that may debit: a third party by its orders, or a card by decisions of the card service. */
export const grantee = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('producer'), id: producerId }),
  z.strictObject({ kind: z.literal('card'), id: id('crd') }),
]);
export type Grantee = z.output<typeof grantee>;

/** The limits of a mandate or card: for a payment, a day (UTC) and a calendar month (UTC). */
export const limits = z.strictObject({
  perPaymentMinor: amountMinor,
  perDayMinor: amountMinor,
  perMonthMinor: amountMinor,
});
export type Limits = z.output<typeof limits>;
