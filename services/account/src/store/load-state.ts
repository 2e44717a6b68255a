import type { Currency, Grantee } from '@tallystick/contracts';
import { findUsedEvidence } from '@tallystick/messaging';
import type { Transaction } from '@tallystick/postgres';
import type { EvidenceUse } from '@tallystick/security';
import { paidKey, type Account, type Book, type Hold, type Transfer } from '../domain/book.ts';
import type { LedgerRequest, State } from '../domain/decide.ts';
import { mandateKey } from '../domain/mandate.ts';
import { findMandatesWithUsage } from './mandates.ts';

/**
 * Loads all that a batch may touch, a statement a table, in one trip: first the accounts, locked in the order of their
 * ids, then what those locks protect.
 */
export async function loadState(
  tx: Transaction,
  requests: readonly LedgerRequest[],
  nowMs: number,
): Promise<State> {
  const holdIds = new Set<string>();
  const transferIds = new Set<string>();
  const accountIds = new Set<string>();
  const paymentIds = new Set<string>();
  const uses: EvidenceUse[] = [];
  const grants: { accountId: string; grantee: Grantee }[] = [];
  for (const { command, evidence } of requests) {
    accountIds.add(command.debitAccountId);
    if ('holdId' in command) holdIds.add(command.holdId);
    if ('transferId' in command) transferIds.add(command.transferId);
    if ('creditAccountId' in command) accountIds.add(command.creditAccountId);
    if (command.kind === 'transfer' && command.refund && command.paymentId !== undefined)
      paymentIds.add(command.paymentId);
    if (evidence === undefined || 'code' in evidence) continue;
    uses.push(evidence.use);
    const grantee = granteeOf(evidence);
    if (grantee !== undefined) grants.push({ accountId: command.debitAccountId, grantee });
  }
  const [accounts, holds, transfers, paid, { mandates, usage }, usedEvidence] = await Promise.all([
    lockAccounts(tx, [...accountIds], [...holdIds]),
    lockHolds(tx, [...holdIds].sort()),
    findTransfers(tx, [...transferIds]),
    findPaid(tx, [...paymentIds]),
    findMandatesWithUsage(tx, grants, nowMs),
    findUsedEvidence(tx, uses),
  ]);
  return {
    book: { accounts, holds, transfers, paid },
    mandates: new Map(mandates.map((mandate) => [mandateKey(mandate.accountId, mandate.grantee), mandate])),
    usage,
    usedEvidence,
  };
}

function granteeOf(
  evidence: Exclude<NonNullable<LedgerRequest['evidence']>, { code: string }>,
): Grantee | undefined {
  if (evidence.kind === 'order') return { kind: 'producer', id: evidence.producerId };
  if (evidence.kind === 'decision')
    return { kind: 'card', id: (evidence.message.data as { cardId: string }).cardId };
  return undefined;
}

/** Locks accounts, and those that holds would be posted to: a command on a hold names its payer only. */
async function lockAccounts(
  tx: Transaction,
  accountIds: string[],
  holdIds: string[],
): Promise<Map<string, Account>> {
  if (accountIds.length === 0) return new Map();
  const { rows } = await tx.query<{
    account_id: string;
    owner_id: string;
    currency: Currency;
    status: Account['status'];
    floor_minor: bigint | null;
    posted_minor: bigint;
    pending_minor: bigint;
  }>({
    name: 'account_lock',
    text: `SELECT account_id, owner_id, currency, status, floor_minor, posted_minor, pending_minor
           FROM account
           WHERE account_id = ANY($1::text[] || ARRAY(SELECT credit_account_id FROM hold WHERE hold_id = ANY($2::text[])))
           ORDER BY account_id FOR NO KEY UPDATE`,
    values: [accountIds, holdIds],
  });
  return new Map(
    rows.map((row) => [
      row.account_id,
      {
        accountId: row.account_id,
        ownerId: row.owner_id,
        currency: row.currency,
        status: row.status,
        floorMinor: row.floor_minor,
        postedMinor: row.posted_minor,
        pendingMinor: row.pending_minor,
      },
    ]),
  );
}

async function lockHolds(tx: Transaction, holdIds: string[]): Promise<Map<string, Hold>> {
  if (holdIds.length === 0) return new Map();
  const { rows } = await tx.query<{
    hold_id: string;
    debit_account_id: string;
    credit_account_id: string;
    amount_minor: bigint;
    posted_minor: bigint;
    currency: Currency;
    payment_id: string;
    authorization_id: string | null;
    status: Hold['status'];
    expires_at: Date;
  }>({
    name: 'hold_lock',
    text: `SELECT hold_id, debit_account_id, credit_account_id, amount_minor, posted_minor, currency, payment_id,
                  authorization_id, status, expires_at
           FROM hold WHERE hold_id = ANY($1::text[]) ORDER BY hold_id FOR NO KEY UPDATE`,
    values: [holdIds],
  });
  return new Map(
    rows.map((row) => [
      row.hold_id,
      {
        holdId: row.hold_id,
        debitAccountId: row.debit_account_id,
        creditAccountId: row.credit_account_id,
        amountMinor: row.amount_minor,
        postedMinor: row.posted_minor,
        currency: row.currency,
        paymentId: row.payment_id,
        authorizationId: row.authorization_id ?? undefined,
        status: row.status,
        expiresAtMs: row.expires_at.getTime(),
      },
    ]),
  );
}

async function findTransfers(tx: Transaction, transferIds: string[]): Promise<Map<string, Transfer>> {
  if (transferIds.length === 0) return new Map();
  const { rows } = await tx.query<{
    transfer_id: string;
    debit_account_id: string;
    credit_account_id: string;
    amount_minor: bigint;
    currency: Currency;
    payment_id: string | null;
    hold_id: string | null;
    refund: boolean;
  }>({
    name: 'transfer_find',
    text: `SELECT transfer_id, debit_account_id, credit_account_id, amount_minor, currency, payment_id, hold_id, refund
           FROM transfer WHERE transfer_id = ANY($1::text[])`,
    values: [transferIds],
  });
  return new Map(
    rows.map((row) => [
      row.transfer_id,
      {
        transferId: row.transfer_id,
        debitAccountId: row.debit_account_id,
        creditAccountId: row.credit_account_id,
        amountMinor: row.amount_minor,
        currency: row.currency,
        paymentId: row.payment_id ?? undefined,
        holdId: row.hold_id ?? undefined,
        // The hold knows it.
        authorizationId: undefined,
        refund: row.refund,
      },
    ]),
  );
}

async function findPaid(tx: Transaction, paymentIds: string[]): Promise<Book['paid']> {
  if (paymentIds.length === 0) return new Map();
  const { rows } = await tx.query<{
    payment_id: string;
    payer: string;
    payee: string;
    paid: bigint;
    refunded: bigint;
  }>({
    name: 'transfer_paid',
    text: `SELECT payment_id,
                  CASE WHEN refund THEN credit_account_id ELSE debit_account_id END AS payer,
                  CASE WHEN refund THEN debit_account_id ELSE credit_account_id END AS payee,
                  coalesce(sum(amount_minor) FILTER (WHERE NOT refund), 0)::bigint AS paid,
                  coalesce(sum(amount_minor) FILTER (WHERE refund), 0)::bigint AS refunded
           FROM transfer WHERE payment_id = ANY($1::text[]) GROUP BY 1, 2, 3`,
    values: [paymentIds],
  });
  return new Map(
    rows.map(({ payment_id, payer, payee, paid, refunded }) => [
      paidKey(payment_id, payer, payee),
      { paidMinor: paid, refundedMinor: refunded },
    ]),
  );
}
