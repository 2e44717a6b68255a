import { expireHolds } from '@tallystick/account/app/expire-holds.ts';
import type { LedgerStore } from '@tallystick/account/app/stores.ts';
import { paidKey, type Account, type Book, type Hold, type Paid } from '@tallystick/account/domain/book.ts';
import type { BatchDecision, LedgerRequest, State } from '@tallystick/account/domain/decide.ts';
import { transferOf, type JournalEntry } from '@tallystick/account/domain/entry.ts';
import { mandateKey, type Mandate } from '@tallystick/account/domain/mandate.ts';
import { needsOf } from '@tallystick/account/domain/needs.ts';
import { accountCommands } from '@tallystick/account/messages/account-commands.ts';
import { evidenceKey } from '@tallystick/contracts';
import { subscriptions } from '@tallystick/messaging';
import { memoryOf, Table, type MemoryTransaction } from './database.ts';
import type { EvidenceRoom } from './evidence-room.ts';
import type { Parts } from './parts.ts';
import { SimulatedService, type Surroundings } from './service.ts';

/** The account service, with tables in memory and real code for everything else. */
export class LedgerService {
  readonly accounts = new Table<Account>('account');
  readonly holds = new Table<Hold>('hold');
  readonly entries = new Table<JournalEntry>('journal_entry');
  readonly service: SimulatedService;
  readonly #mandates = new Map<string, Mandate>();
  readonly #usage = new Table<{ amountMinor: bigint }>('mandate_usage');
  readonly #usedEvidence = new Table<object>('used_evidence');
  readonly #wishes = new Table<object>('wish');
  readonly #around: Surroundings;
  readonly #parts: Parts;

  constructor(around: Surroundings, parts: Parts, evidence: EvidenceRoom) {
    this.#around = around;
    this.#parts = parts;
    this.service = new SimulatedService(
      'account',
      around,
      subscriptions('account', {
        'account.commands.v1': accountCommands({
          ledgerStoreOf: (tx) => this.#storeOf(memoryOf(tx)),
          mandateStoreOf: () => {
            throw new Error('the simulation grants its mandates before it begins');
          },
          verify: (one) => evidence.verify(one),
          nowMs: around.nowMs,
        }),
      }),
    );
  }

  /** Grants a mandate, as a customer does over HTTP. */
  grant(mandate: Mandate): void {
    this.#mandates.set(mandateKey(mandate.accountId, mandate.grantee), mandate);
  }

  /** Ends the holds that have expired, as the service does every second. */
  expireHolds(): Promise<void> {
    return expireHolds(
      {
        findExpired: (nowMs, limit) =>
          Promise.resolve(
            [...this.holds.rows.values()]
              .filter(({ status, expiresAtMs }) => status === 'open' && expiresAtMs <= nowMs)
              .slice(0, limit),
          ),
        transact: async (work) => {
          await this.service.transaction((tx, send) => work(this.#storeOf(tx), send));
        },
      },
      this.#around.nowMs(),
    );
  }

  #storeOf(tx: MemoryTransaction): LedgerStore {
    return this.#parts.ledgerStore({
      load: (requests) => Promise.resolve(this.#load(requests, tx)),
      save: (decision) => this.#save(decision, tx),
      // The audit follows from the results, which the promises look at.
      audit: () => undefined,
    });
  }

  #save({ posting, evidence, wishes, spent }: BatchDecision, tx: MemoryTransaction): void {
    for (const entry of posting.entries) tx.insert(this.entries, entry.entryId, entry);
    for (const [holdId, hold] of posting.newHolds) tx.insert(this.holds, holdId, hold);
    for (const [holdId, hold] of posting.changedHolds) tx.put(this.holds, holdId, hold);
    for (const [accountId, account] of posting.changedAccounts) tx.put(this.accounts, accountId, account);
    for (const use of evidence) tx.insert(this.#usedEvidence, evidenceKey(use), {});
    for (const wish of wishes) tx.insert(this.#wishes, wish, {});
    for (const [key, added] of spent) {
      const { amountMinor } = tx.get(this.#usage, key) ?? { amountMinor: 0n };
      tx.put(this.#usage, key, { amountMinor: amountMinor + added });
    }
  }

  /** Loads the rows that the batch may change, as the transaction sees them. */
  #load(requests: readonly LedgerRequest[], tx: MemoryTransaction): State {
    const book: Book = { accounts: new Map(), holds: new Map(), entries: new Map(), paid: new Map() };
    const usedEvidence = new Set(this.#usedEvidence.rows.keys());
    const needs = needsOf(requests);
    for (const holdId of needs.holdIds) {
      const hold = tx.get(this.holds, holdId);
      if (hold === undefined) continue;
      book.holds.set(holdId, hold);
      needs.accountIds.add(hold.creditAccountId);
    }
    for (const accountId of needs.accountIds) {
      const account = tx.get(this.accounts, accountId);
      if (account !== undefined) book.accounts.set(accountId, account);
    }
    for (const entryId of needs.entryIds) {
      const entry = this.entries.rows.get(entryId);
      if (entry !== undefined) book.entries.set(entryId, entry);
    }
    for (const paymentId of needs.paymentIds) this.#loadPaid(paymentId, book.paid);
    const usage = new Map([...this.#usage.rows].map(([key, { amountMinor }]) => [key, amountMinor]));
    const wishes = new Set([...needs.wishes].filter((wish) => tx.get(this.#wishes, wish) !== undefined));
    return { book, mandates: this.#mandates, usage, usedEvidence, wishes };
  }

  #loadPaid(paymentId: string, paid: Map<string, Paid>): void {
    for (const entry of this.entries.rows.values()) {
      const transfer = transferOf(entry);
      if (entry.paymentId !== paymentId || transfer === undefined) continue;
      const { debitAccountId, creditAccountId, amountMinor } = transfer;
      const [payer, payee] = entry.refund
        ? [creditAccountId, debitAccountId]
        : [debitAccountId, creditAccountId];
      const key = paidKey(paymentId, payer, payee);
      const { paidMinor, refundedMinor } = paid.get(key) ?? { paidMinor: 0n, refundedMinor: 0n };
      paid.set(key, {
        paidMinor: paidMinor + (entry.refund ? 0n : amountMinor),
        refundedMinor: refundedMinor + (entry.refund ? amountMinor : 0n),
      });
    }
  }
}
