import { id } from './identifiers.ts';
import { amountMinor, currency } from './money.ts';

/** Common fields of the ledger's commands and events about the money of a payment. */
export const betweenAccounts = {
  debitAccountId: id('acc'),
  creditAccountId: id('acc'),
  amountMinor,
  currency,
  paymentId: id('pay'),
};
