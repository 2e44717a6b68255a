import * as z from 'zod';
import { id } from './identifiers.ts';
import { amountMinor, currency } from './money.ts';

/** The source of a payment's money. */
export const paymentSource = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('account'), accountId: id('acc') }),
  z.strictObject({ kind: z.literal('card'), cardId: id('crd') }),
]);
export type PaymentSource = z.output<typeof paymentSource>;

/** The payee of a payment. A union, so that an account at another bank can become a second kind. */
export const payee = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('account'), accountId: id('acc') }),
]);
export type Payee = z.output<typeof payee>;

/** ISO 20022 `EndToEndId` (Max35Text), unique for each payer. Ids that look the same are the same. */
export const endToEndId = z
  .string()
  .regex(/^[A-Za-z0-9/?:().,'+ -]{1,35}$/, 'must be 1 to 35 characters of the ISO 20022 basic set')
  .regex(/^(?! ).*(?<! )$/, 'must not begin or end with a space')
  .meta({
    description: "ISO 20022 EndToEndId: the payer's own id of the payment, unique for each payer",
    examples: ['INVOICE-1'],
  });

/** Whether a payment is captured immediately or by later commands. */
export const captureMode = z.enum(['automatic', 'manual']);

/** The party that captures a payment with manual capture, and that may cancel it besides the payee. */
export const capturedBy = z.enum(['payee', 'initiator']).meta({
  description: 'Who captures a payment with manual capture: the payee, or the party that ordered it',
});
export type CapturedBy = z.output<typeof capturedBy>;

const terms = { amountMinor, currency, capture: captureMode.default('automatic'), endToEndId };

/** An order to pay. Its channel sets who captures unless the order says so. */
export const paymentOrder = { source: paymentSource, payee, ...terms };

/** Version 1 of an order, which names the payee by account only. */
export const paymentOrderV1 = { source: paymentSource, payeeAccountId: id('acc'), ...terms };
type PaymentOrderV1 = z.output<z.ZodObject<typeof paymentOrderV1>>;

/**
 * Returns the lift of version 1 of an order, with any additional fields, to version 2.
 * @param by who captures orders of that version
 */
export function liftPaymentOrder(by: CapturedBy) {
  return <Order extends Pick<PaymentOrderV1, 'payeeAccountId'>>({
    payeeAccountId,
    ...rest
  }: Order): Omit<Order, 'payeeAccountId'> & { payee: Payee; capturedBy: CapturedBy } => ({
    ...rest,
    payee: { kind: 'account', accountId: payeeAccountId },
    capturedBy: by,
  });
}
