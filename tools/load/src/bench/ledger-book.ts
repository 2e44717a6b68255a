import { carryOut } from '@tallystick/account/app/carry-out.ts';
import type { Account } from '@tallystick/account/domain/book.ts';
import type { LedgerRequest, State } from '@tallystick/account/domain/decide.ts';
import { mandateKey, type Mandate } from '@tallystick/account/domain/mandate.ts';
import { ledgerStore } from '@tallystick/account/store/ledger-store.ts';
import { accountSchema } from '@tallystick/account/store/schema.ts';
import { messages, newId, newJti, transferIdOfOrder } from '@tallystick/contracts';
import { messagingMigrations, type Send } from '@tallystick/messaging';
import { createDatabase, createPool, migrate, transaction, type Pool } from '@tallystick/postgres';
import { openPlain } from './verified.ts';

const PRODUCER = 'acme';
const CURRENCY = 'EUR';
/** Enough for any number of rounds. */
const OPENING_MINOR = 1_000_000_000_000n;
const LIMITS = { perPaymentMinor: 10n ** 6n, perDayMinor: 10n ** 15n, perMonthMinor: 10n ** 15n };
/** Rows of history per statement; more would only keep one transaction open for longer. */
const HISTORY_CHUNK = 250_000;

/** The size of a book, and the distribution of its payees. */
export interface BookSize {
  accounts: number;
  /** Lines before the first transfer, two per transfer. */
  historyRows: number;
  /** Share of the transfers to a single account; the other accounts receive equal shares. */
  hot: number;
}

/** A separate ledger database with accounts, mandates and history. */
export interface LedgerBook {
  /** Posts transfers in one transaction, each with a third party's order and its mandate. */
  post(transfers: number): Promise<void>;
  close(): Promise<void>;
}

const accountId = (at: number): string => `acc_${String(at).padStart(12, '0')}`;

/** Creates a book of this size. @param adminUrl URL of a Postgres role that may create databases */
export async function openBook(adminUrl: string, size: BookSize): Promise<LedgerBook> {
  const database = await createDatabase(adminUrl);
  const pool = createPool({ url: database.url, applicationName: 'bench', planner: 'nested-loops' });
  await migrate(pool, messagingMigrations, accountSchema);
  await fill(pool, database.url, size);
  const toNobody: Send = () => {};
  return {
    async post(transfers) {
      const nowMs = Date.now();
      const requests = Array.from({ length: transfers }, () => aTransfer(size));
      await transaction(pool, async (tx) => {
        const store = ledgerStore(tx);
        const results = carryOut(store, toNobody, await store.load(requests, nowMs), requests, nowMs);
        const refused = results.find(({ ok }) => !ok);
        if (refused !== undefined) throw new Error(`a transfer was refused: ${JSON.stringify(refused)}`);
      });
    },
    async close() {
      await pool.end();
      await database.drop();
    },
  };
}

/** Creates a book of this size in memory. */
export function bookInMemory({ accounts }: Pick<BookSize, 'accounts'>): State {
  const all = Array.from({ length: accounts }, (_, at): Account => ({
    accountId: accountId(at),
    ownerId: 'owner',
    currency: CURRENCY,
    status: 'open',
    minimumBalanceMinor: 0n,
    postedMinor: OPENING_MINOR,
    pendingMinor: 0n,
    sequence: 0,
    postedAtMs: 0,
  }));
  const mandates = all.map(({ accountId: id }): Mandate => ({
    mandateId: `mdt_${id}`,
    accountId: id,
    ownerId: 'owner',
    grantee: { kind: 'producer', id: PRODUCER },
    currency: CURRENCY,
    limits: LIMITS,
    status: 'active',
    grantedAtMs: 0,
  }));
  return {
    book: {
      accounts: new Map(all.map((account) => [account.accountId, account])),
      holds: new Map(),
      entries: new Map(),
      paid: new Map(),
    },
    mandates: new Map(mandates.map((mandate) => [mandateKey(mandate.accountId, mandate.grantee), mandate])),
    usage: new Map(),
    usedEvidence: new Set(),
    wishes: new Set(),
  };
}

/** Creates a transfer that a third party ordered, as the ledger sees it after verifying its evidence. */
export function aTransfer({ accounts, hot }: Pick<BookSize, 'accounts' | 'hot'>): LedgerRequest {
  const merchants = Math.max(1, Math.floor(accounts / 10));
  const pick = (from: number, to: number): string =>
    accountId(from + Math.floor(Math.random() * (to - from)));
  const facts = {
    debitAccountId: pick(merchants, accounts),
    creditAccountId: Math.random() < hot ? accountId(0) : pick(0, merchants),
    amountMinor: BigInt(1 + Math.floor(Math.random() * 5_000)),
    currency: CURRENCY,
  } as const;
  const paymentId = newId('pay');
  return {
    command: {
      kind: 'transfer',
      transferId: transferIdOfOrder(paymentId),
      paymentId,
      refund: false,
      ...facts,
    },
    evidence: openPlain(messages.paymentCreate, PRODUCER, newJti(), {
      paymentId,
      source: { kind: 'account', accountId: facts.debitAccountId },
      payee: { kind: 'account', accountId: facts.creditAccountId },
      amountMinor: facts.amountMinor,
      currency: facts.currency,
      capture: 'automatic',
      capturedBy: 'initiator',
      endToEndId: paymentId,
    }),
  };
}

async function fill(pool: Pool, url: string, { accounts, historyRows }: BookSize): Promise<void> {
  await pool.query(
    `INSERT INTO account (account_id, owner_id, kind, currency, posted_minor, opened_at)
     SELECT 'acc_' || lpad(at::text, 12, '0'), 'owner', 'customer', $2, $3, now() FROM generate_series(0, $1 - 1) AS at`,
    [accounts, CURRENCY, OPENING_MINOR],
  );
  await pool.query(
    `INSERT INTO mandate (mandate_id, account_id, owner_id, grantee_kind, grantee_id, currency, per_payment_minor,
       per_day_minor, per_month_minor, status, granted_at)
     SELECT 'mdt_' || account_id, account_id, owner_id, 'producer', $1, currency, $2, $3, $4, 'active', now() FROM account`,
    [PRODUCER, LIMITS.perPaymentMinor, LIMITS.perDayMinor, LIMITS.perMonthMinor],
  );
  for (let from = 0; from < historyRows / 2; from += HISTORY_CHUNK)
    await insertPast(pool, from, Math.min(from + HISTORY_CHUNK, historyRows / 2), accounts);
  await pool.query(
    `UPDATE account SET sequence = last.sequence, posted_at = now()
     FROM (SELECT account_id, max(sequence) AS sequence FROM journal_line GROUP BY account_id) AS last
     WHERE account.account_id = last.account_id`,
  );
  // As autovacuum would have left it long ago.
  const reports = createPool({ url, applicationName: 'bench', statementTimeoutMs: 0 });
  await reports.query('VACUUM (ANALYZE)');
  await reports.end();
}

/**
 * Inserts old transfers, whose ids are older than those of any transfer posted now. Each account is debited in turn
 * and the next one credited, so the lines of an account come in pairs: the credit of one transfer, the debit of the
 * next.
 */
async function insertPast(pool: Pool, from: number, to: number, accounts: number): Promise<void> {
  await pool.query(
    `WITH past AS (
       INSERT INTO journal_entry (entry_id, debit_account_id, credit_account_id, amount_minor, currency, debit_sequence,
         credit_sequence, payment_id, refund, evidence_kind, evidence_iss, evidence_jti, posted_at)
       SELECT 'trf_0000' || lpad(at::text, 32, '0'), 'acc_' || lpad((at % $3)::text, 12, '0'),
              'acc_' || lpad(((at + 1) % $3)::text, 12, '0'), 1, $4, 2 * (at / $3) + 2, 2 * ((at + 1) / $3) + 1,
              'pay_0000' || lpad(at::text, 32, '0'), false, 'order', $5, 'past ' || at, now()
       FROM generate_series($1::bigint, $2::bigint - 1) AS at
       RETURNING entry_id, debit_account_id, credit_account_id, debit_sequence, credit_sequence, evidence_iss, evidence_jti),
     used AS (INSERT INTO used_evidence (iss, jti, usable_until)
       SELECT evidence_iss, evidence_jti, now() + interval '1 day' FROM past)
     INSERT INTO journal_line (account_id, sequence, entry_id, amount_minor, currency, balance_minor, posted_at)
     SELECT account_id, sequence, entry_id, amount_minor, $4, 0, now() FROM past,
       LATERAL (VALUES (debit_account_id, debit_sequence, -1), (credit_account_id, credit_sequence, 1))
         AS side (account_id, sequence, amount_minor)`,
    [from, to, accounts, CURRENCY, PRODUCER],
  );
}
