import type { Currency, ErrorCode } from '@tallystick/contracts';

/** An account as the ledger decides on it. A balance is credits less debits. */
export interface Account {
  accountId: string;
  ownerId: string;
  currency: Currency;
  status: 'open' | 'frozen' | 'closed';
  /** The available balance never goes below it; `null`: no floor, as for the outside world. */
  floorMinor: bigint | null;
  postedMinor: bigint;
  /** Sum of what open holds have left. */
  pendingMinor: bigint;
}

/** An amount set aside on the debit account for one credit account. */
export interface Hold {
  holdId: string;
  debitAccountId: string;
  creditAccountId: string;
  amountMinor: bigint;
  postedMinor: bigint;
  currency: Currency;
  paymentId: string;
  authorizationId: string | undefined;
  status: 'open' | 'posted' | 'voided' | 'expired';
  expiresAtMs: number;
}

/** Money that moved. Never changed, never deleted. */
export interface Transfer {
  transferId: string;
  debitAccountId: string;
  creditAccountId: string;
  amountMinor: bigint;
  currency: Currency;
  paymentId: string | undefined;
  holdId: string | undefined;
  authorizationId: string | undefined;
  refund: boolean;
}

/** One side of a transfer, with the balance that it left. */
export interface Entry {
  accountId: string;
  transferId: string;
  amountMinor: bigint;
  balanceMinor: bigint;
}

/** What a payment moved so far between one payer and one payee, for refunds. */
export interface Paid {
  paidMinor: bigint;
  refundedMinor: bigint;
}

/** All that a batch of commands may touch. The ledger decides on it in memory and changes it in place. */
export interface Book {
  accounts: Map<string, Account>;
  holds: Map<string, Hold>;
  /** Those that exist already, of the transfers that the commands name. */
  transfers: Map<string, Transfer>;
  /** By {@link paidKey}. */
  paid: Map<string, Paid>;
}

/** Names what a payment moved from a payer to a payee. */
export function paidKey(paymentId: string, payerAccountId: string, payeeAccountId: string): string {
  return `${paymentId} ${payerAccountId} ${payeeAccountId}`;
}

export function available({ postedMinor, pendingMinor }: Account): bigint {
  return postedMinor - pendingMinor;
}

export type LedgerCommand =
  | {
      kind: 'hold';
      holdId: string;
      debitAccountId: string;
      creditAccountId: string;
      amountMinor: bigint;
      currency: Currency;
      paymentId: string;
      authorizationId: string | undefined;
      expiresAtMs: number;
    }
  | {
      kind: 'post';
      holdId: string;
      debitAccountId: string;
      paymentId: string;
      transferId: string;
      amountMinor: bigint;
      final: boolean;
    }
  | { kind: 'void'; holdId: string; debitAccountId: string; paymentId: string }
  | { kind: 'expire'; holdId: string; debitAccountId: string }
  | {
      kind: 'transfer';
      transferId: string;
      debitAccountId: string;
      creditAccountId: string;
      amountMinor: bigint;
      currency: Currency;
      paymentId: string | undefined;
      refund: boolean;
    };

/** What a command did, or the code of why it did nothing. `again`: it did so when it came before. */
export type LedgerResult =
  | { ok: false; code: ErrorCode }
  | {
      ok: true;
      again?: true;
      hold?: Hold;
      transfer?: Transfer;
      ended?: { hold: Hold; releasedMinor: bigint };
    };
