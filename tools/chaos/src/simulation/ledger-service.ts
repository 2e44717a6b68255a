import type {
  Account,
  Book,
  Hold,
  LedgerCommand,
  LedgerResult,
  Paid,
  Transfer,
} from '@tallystick/account/domain/book.ts';
import { paidKey } from '@tallystick/account/domain/book.ts';
import type { LedgerRequest, State } from '@tallystick/account/domain/decide.ts';
import { doneBefore } from '@tallystick/account/domain/done-before.ts';
import { mandateKey, type Mandate } from '@tallystick/account/domain/mandate.ts';
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
  readonly transfers = new Table<Transfer>('transfer');
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
    for (const transfer of posting.transfers) tx.insert(this.transfers, transfer.transferId, transfer);
    for (const hold of posting.newHolds) tx.insert(this.holds, hold.holdId, hold);
    for (const { iss, jti } of evidence) tx.insert(this.#usedEvidence, `${iss}\n${jti}`, {});
    for (const [key, amountMinor] of state.usage) tx.put(this.#usage, key, { amountMinor });
    requests.forEach(({ command, txn }, at) => tell(send, command, results[at]!, txn));
  }

  /** Tells that requests were not carried out; those that an earlier copy of them had carried out get its answer. */
  #refuseLate(requests: readonly Asked[], tx: Transaction, send: Send): void {
    const { book } = this.#load(requests, tx);
    for (const { command, txn } of requests) {
      const done = doneBefore(book, command);
      tell(send, command, done ?? { ok: false, code: 'envelope.expired' }, txn);
    }
  }

  /** What the batch may touch; accounts and holds are the transaction's own copies, which the decision changes. */
  #load(requests: readonly Asked[], tx: Transaction): State {
    const book: Book = { accounts: new Map(), holds: new Map(), transfers: new Map(), paid: new Map() };
    const usedEvidence = new Set(this.#usedEvidence.rows.keys());
    const loadAccount = (accountId: string): void => {
      const account = tx.get(this.accounts, accountId);
      if (account !== undefined) book.accounts.set(accountId, account);
    };
    const refunded = new Set<string>();
    for (const { command } of requests) {
      loadAccount(command.debitAccountId);
      if ('creditAccountId' in command) loadAccount(command.creditAccountId);
      const transfer = 'transferId' in command ? this.transfers.rows.get(command.transferId) : undefined;
      if (transfer !== undefined) book.transfers.set(transfer.transferId, transfer);
      if ('holdId' in command) {
        const hold = tx.get(this.holds, command.holdId);
        if (hold === undefined) continue;
        book.holds.set(hold.holdId, hold);
        loadAccount(hold.creditAccountId);
      }
      if (command.kind === 'transfer' && command.refund) refunded.add(command.paymentId!);
    }
    for (const paymentId of refunded) this.#loadPaid(paymentId, book.paid);
    const usage = new Map([...this.#usage.rows].map(([key, { amountMinor }]) => [key, amountMinor]));
    return { book, mandates: this.#mandates, usage, usedEvidence };
  }

  #loadPaid(paymentId: string, paid: Map<string, Paid>): void {
    for (const transfer of this.transfers.rows.values()) {
      if (transfer.paymentId !== paymentId) continue;
      const { debitAccountId, creditAccountId, amountMinor, refund } = transfer;
      const [payer, payee] = refund ? [creditAccountId, debitAccountId] : [debitAccountId, creditAccountId];
      const key = paidKey(paymentId, payer, payee);
      const sum = paid.get(key) ?? { paidMinor: 0n, refundedMinor: 0n };
      if (refund) sum.refundedMinor += amountMinor;
      else sum.paidMinor += amountMinor;
      paid.set(key, sum);
    }
  }
}

/** Publishes what became of a request, as the account service does. */
function tell(send: Send, command: LedgerCommand, result: LedgerResult, txn: string): void {
  const say = (definition: unknown, data: object): void => send(definition as MessageDefinition, data, txn);
  if (!result.ok) {
    const { kind, ...facts } = command;
    const rejected = { ...facts, code: result.code };
    if (kind === 'hold') say(messages.holdRejected, rejected);
    else if (kind === 'void') say(messages.holdVoidRejected, rejected);
    else if (kind !== 'expire') say(messages.transferRejected, rejected);
    return;
  }
  const { hold, transfer, ended } = result;
  if (hold !== undefined)
    say(messages.holdPlaced, { ...hold, expiresAt: new Date(hold.expiresAtMs).toISOString() });
  if (transfer !== undefined) say(messages.transferPosted, { ...transfer });
  if (ended !== undefined) {
    const { status, ...facts } = ended.hold;
    say(messages.holdEnded, {
      ...facts,
      how: status === 'open' ? 'posted' : status,
      releasedMinor: ended.releasedMinor,
    });
  }
}
