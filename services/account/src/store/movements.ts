import { holdIdOf, type Currency } from '@tallystick/contracts';
import { findPage, mapPage, type ListPage, type ListRange, type Queryable } from '@tallystick/postgres';

/** A hold, for operators who read the ledger. */
export interface HoldView {
  holdId: string;
  debitAccountId: string;
  creditAccountId: string;
  amountMinor: bigint;
  postedMinor: bigint;
  currency: Currency;
  paymentId: string;
  status: 'open' | 'posted' | 'voided' | 'expired';
  placedAt: string;
  expiresAt: string;
}

interface HoldRow {
  hold_id: string;
  debit_account_id: string;
  credit_account_id: string;
  amount_minor: bigint;
  posted_minor: bigint;
  currency: Currency;
  payment_id: string;
  status: HoldView['status'];
  placed_at: Date;
  expires_at: Date;
}

const holdOf = (row: HoldRow): HoldView => ({
  holdId: row.hold_id,
  debitAccountId: row.debit_account_id,
  creditAccountId: row.credit_account_id,
  amountMinor: row.amount_minor,
  postedMinor: row.posted_minor,
  currency: row.currency,
  paymentId: row.payment_id,
  status: row.status,
  placedAt: row.placed_at.toISOString(),
  expiresAt: row.expires_at.toISOString(),
});

/** Finds a page of the open holds of an account. Few holds are open at a time, so all open ones are looked through. */
export async function findHoldPage(
  on: Queryable,
  accountId: string,
  range: ListRange,
): Promise<ListPage<HoldView>> {
  const list = {
    columns: '*',
    from: 'hold',
    where: `status = 'open' AND debit_account_id = $1`,
    values: [accountId],
  };
  return mapPage(await findPage<HoldRow>(on, { ...list, time: 'placed_at', id: 'hold_id' }, range), holdOf);
}

/** A transfer of a payment, with the balances that it left behind. */
export interface PaymentTransfer {
  transferId: string;
  debitAccountId: string;
  creditAccountId: string;
  amountMinor: bigint;
  currency: Currency;
  refund: boolean;
  holdId: string | undefined;
  postedAt: string;
  debitBalanceMinor: bigint | undefined;
  creditBalanceMinor: bigint | undefined;
}

interface TransferRow {
  entry_id: string;
  debit_account_id: string;
  credit_account_id: string;
  amount_minor: bigint;
  currency: Currency;
  refund: boolean;
  hold_id: string | null;
  posted_at: Date;
  debit_balance_minor: bigint | null;
  credit_balance_minor: bigint | null;
}

/** Most transfers of a payment that are shown: its capture and its refunds. */
const TRANSFERS_MAX = 200;

/** Finds the hold and the transfers of a payment, in the order of time. */
export async function findMovements(
  on: Queryable,
  paymentId: string,
): Promise<{ hold: HoldView | undefined; transfers: PaymentTransfer[] }> {
  const holds = await on.query<HoldRow>('SELECT * FROM hold WHERE hold_id = $1', [holdIdOf(paymentId)]);
  const { rows } = await on.query<TransferRow>(
    `SELECT e.entry_id, e.debit_account_id, e.credit_account_id, e.amount_minor, e.currency, e.refund, e.hold_id,
       e.posted_at, d.balance_minor AS debit_balance_minor, c.balance_minor AS credit_balance_minor
     FROM journal_entry e
     LEFT JOIN journal_line d ON d.account_id = e.debit_account_id AND d.sequence = e.debit_sequence
     LEFT JOIN journal_line c ON c.account_id = e.credit_account_id AND c.sequence = e.credit_sequence
     WHERE e.payment_id = $1 AND e.debit_account_id IS NOT NULL ORDER BY e.posted_at, e.entry_id LIMIT $2`,
    [paymentId, TRANSFERS_MAX],
  );
  return { hold: holds.rows[0] && holdOf(holds.rows[0]), transfers: rows.map(transferOf) };
}

function transferOf(row: TransferRow): PaymentTransfer {
  return {
    transferId: row.entry_id,
    debitAccountId: row.debit_account_id,
    creditAccountId: row.credit_account_id,
    amountMinor: row.amount_minor,
    currency: row.currency,
    refund: row.refund,
    holdId: row.hold_id ?? undefined,
    postedAt: row.posted_at.toISOString(),
    debitBalanceMinor: row.debit_balance_minor ?? undefined,
    creditBalanceMinor: row.credit_balance_minor ?? undefined,
  };
}
