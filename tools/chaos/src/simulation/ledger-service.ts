import { publishOutcome } from '@tallystick/account/app/publish-outcome.ts';
import {
  paidKey,
  type Account,
  type Book,
  type Hold,
  type LedgerCommand,
  type Paid,
} from '@tallystick/account/domain/book.ts';
import type { LedgerRequest, State } from '@tallystick/account/domain/decide.ts';
import { doneBefore } from '@tallystick/account/domain/done-before.ts';
import { transferOf, type JournalEntry } from '@tallystick/account/domain/entry.ts';
import { mandateKey, type Mandate } from '@tallystick/account/domain/mandate.ts';
import { needsOf } from '@tallystick/account/domain/needs.ts';
import { messages, type DataOf, type Evidence, type MessageDefinition } from '@tallystick/contracts';
import type { SimulatedRecord } from './broker.ts';
import type { Cores } from './cores.ts';
import { Table, type Transaction } from './database.ts';
import type { EvidenceRoom } from './evidence-room.ts';
import { SimulatedService, type Send, type Surroundings } from './service.ts';

type Asked = LedgerRequest & { txn: string };

/** The account service: its tables in memory, its decisions those of the real ledger. */
export class LedgerService {
  readonly accounts = new Table<Account>('account');
  readonly holds = new Table<Hold>('hold');
  readonly entries = new Table<JournalEntry>('journal_entry');
  readonly service: SimulatedService;
  readonly #mandates = new Map<string, Mandate>();
  readonly #usage = new Table<{ amountMinor: bigint }>('mandate_usage');
  readonly #usedEvidence = new Table<object>('used_evidence');
  readonly #around: Surroundings;
  readonly #cores: Cores;
  readonly #evidence: EvidenceRoom;

  constructor(around: Surroundings, cores: Cores, evidence: EvidenceRoom) {
    this.#around = around;
    this.#cores = cores;
    this.#evidence = evidence;
    this.service = new SimulatedService('account', around, {
      'account.commands.v1': {
        handle: (records, tx, send) =>
          this.#carryOut(
            records.flatMap((record) => this.#requestOf(record)),
            tx,
            send,
          ),
        answerLate: (records, tx, send) =>
          this.#refuseLate(
            records.flatMap((record) => this.#requestOf(record)),
            tx,
            send,
          ),
      },
    });
  }

  /** Grants a mandate, as a customer does over HTTP. */
  grant(mandate: Mandate): void {
    this.#mandates.set(mandateKey(mandate.accountId, mandate.grantee), mandate);
  }

  /** Ends the holds whose time has come, as the service does every second. */
  expireHolds(): void {
    const due = [...this.holds.rows.values()].filter(
      ({ status, expiresAtMs }) => status === 'open' && expiresAtMs <= this.#around.nowMs(),
    );
    if (due.length === 0) return;
    const requests = due.map(({ holdId, debitAccountId }): Asked => ({
      command: { kind: 'expire', holdId, debitAccountId },
      txn: holdId,
    }));
    this.service.transaction((tx, send) => this.#carryOut(requests, tx, send));
  }

  #requestOf({ definition, data, txn }: SimulatedRecord): Asked[] {
    const asked = (command: LedgerCommand, evidence?: Evidence): Asked[] => [
      { command, txn, evidence: evidence === undefined ? undefined : this.#evidence.verify(evidence) },
    ];
    const isOf = (one: object): boolean => (definition as object) === one;
    if (isOf(messages.holdPlace)) {
      const { evidence, expiresAt, authorizationId, ...facts } = data as DataOf<typeof messages.holdPlace>;
      return asked({ kind: 'hold', ...facts, authorizationId, expiresAtMs: Date.parse(expiresAt) }, evidence);
    }
    if (isOf(messages.holdPost))
      return asked({ kind: 'post', ...(data as DataOf<typeof messages.holdPost>) });
    if (isOf(messages.holdVoid))
      return asked({ kind: 'void', ...(data as DataOf<typeof messages.holdVoid>) });
    if (isOf(messages.transferCreate)) {
      const { evidence, ...facts } = data as DataOf<typeof messages.transferCreate>;
      return asked({ kind: 'transfer', ...facts }, evidence);
    }
    return [];
  }

  #carryOut(requests: readonly Asked[], tx: Transaction, send: Send): void {
    const state = this.#load(requests, tx);
    const { results, posting, evidence } = this.#cores.ledger.decide(state, requests, this.#around.nowMs());
    for (const entry of posting.entries) tx.insert(this.entries, entry.entryId, entry);
    for (const [holdId, hold] of posting.newHolds) tx.insert(this.holds, holdId, hold);
    for (const [holdId, hold] of posting.changedHolds) tx.put(this.holds, holdId, hold);
    for (const [accountId, account] of posting.changedAccounts) tx.put(this.accounts, accountId, account);
    for (const { iss, jti } of evidence) tx.insert(this.#usedEvidence, `${iss}\n${jti}`, {});
    for (const [key, amountMinor] of state.usage) tx.put(this.#usage, key, { amountMinor });
    requests.forEach((request, at) => publishOutcome(sendOf(request, send), request, results[at]!));
  }

  /** Tells that requests were not carried out; those that an earlier copy of them had carried out get its answer. */
  #refuseLate(requests: readonly Asked[], tx: Transaction, send: Send): void {
    const { book } = this.#load(requests, tx);
    for (const request of requests) {
      const done = doneBefore(book, request.command);
      publishOutcome(sendOf(request, send), request, done ?? { ok: false, code: 'envelope.expired' });
    }
  }

  /** What the batch may touch, as the transaction sees it. */
  #load(requests: readonly Asked[], tx: Transaction): State {
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
    return { book, mandates: this.#mandates, usage, usedEvidence };
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

/** Sends in the business transaction of a request. */
function sendOf({ txn }: Asked, send: Send): Parameters<typeof publishOutcome>[0] {
  return (definition, data) => send(definition as unknown as MessageDefinition, data, txn);
}
