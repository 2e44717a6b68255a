import { id } from './identifiers.ts';
import { amountMinor, currency } from './money.ts';

/** What the ledger's commands and events about money that moves for a payment have in common. */
export const betweenAccounts = {
  debitAccountId: id('acc'),
  creditAccountId: id('acc'),
  amountMinor,
  currency,
  paymentId: id('pay'),
};
