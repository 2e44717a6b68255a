import { countSpending, type ErrorCode, type Spending } from '@tallystick/contracts';
import type { EvidenceUse, VerifiedEvidence } from '@tallystick/security';
import { authorityOf } from './authority.ts';
import { batchTimeOf, type BatchTime } from './batch-time.ts';
import {
  noChanges,
  refuse,
  type Account,
  type Book,
  type LedgerCommand,
  type LedgerResult,
  type BookChanges,
} from './book.ts';
import { doneBefore } from './done-before.ts';
import { apply } from './ledger.ts';
import { checkMandate, mandateKey, type Mandate } from './mandate.ts';

/** A command to the ledger with its evidence. Commands on an existing hold, and expiry, need no evidence. */
export interface LedgerRequest {
  command: LedgerCommand;
  evidence?: VerifiedEvidence | { code: ErrorCode } | undefined;
}

/** All data that a batch needs, including authority. */
export interface State {
  book: Book;
  /** Keyed by {@link mandateKey}. */
  mandates: Map<string, Mandate>;
  /** The spending of mandates. Amounts released later still count. */
  usage: Spending;
  /** Keys of evidence that was already used. */
  usedEvidence: Set<string>;
}

/** The evidence by which an entry or a hold was decided. */
export type Authority = EvidenceUse & { kind: VerifiedEvidence['kind'] | 'replayed' };
export interface BatchDecision {
  /** The time at which the batch was posted, for its entries and holds. */
  postedAtMs: number;
  results: LedgerResult[];
  posting: BookChanges;
  /** Evidence that moved or held money in this batch. */
  evidence: EvidenceUse[];
  /** The evidence of each new hold or entry, by its id. */
  authorityById: Map<string, Authority>;
}

export function emptyDecision(postedAtMs: number): BatchDecision {
  return { postedAtMs, results: [], posting: noChanges(), evidence: [], authorityById: new Map() };
}

/**
 * Decides a batch of requests in their order: the authority of each first, then the ledger. Pure except for `state`,
 * which it changes in place. The same state and requests always give the same decision.
 */
export function decide(state: State, requests: readonly LedgerRequest[], nowMs: number): BatchDecision {
  const time = batchTimeOf(state.book, requests, nowMs);
  const decision = emptyDecision(time.postedAtMs);
  for (const request of requests) decision.results.push(decideOne(state, decision, request, time));
  return decision;
}

function decideOne(
  state: State,
  decision: BatchDecision,
  { command, evidence }: LedgerRequest,
  time: BatchTime,
): LedgerResult {
  const { nowMs } = time;
  const done = doneBefore(state.book, command);
  if (done !== undefined) {
    noteEvidence(state, decision, { command, evidence }, nowMs);
    return done;
  }
  // Each debited leg needs the evidence of its account's owner, and no evidence covers more than a transfer yet.
  if (command.kind === 'entry') return refuse('evidence.kind_refused');
  if (command.kind !== 'hold' && command.kind !== 'transfer')
    return apply(state.book, decision.posting, command, time);
  if (evidence === undefined) return refuse('evidence.invalid');
  if ('code' in evidence) return refuse(evidence.code);
  const debit = state.book.accounts.get(command.debitAccountId);
  if (debit === undefined) return refuse('ledger.account_not_found');
  const authority = authorityOf(command, debit, evidence);
  if ('code' in authority) return refuse(authority.code);
  if (state.usedEvidence.has(evidenceName(evidence))) return refuse('evidence.used');

  const mandate =
    authority.by === 'mandate'
      ? state.mandates.get(mandateKey(command.debitAccountId, authority.grantee))
      : undefined;
  if (authority.by === 'mandate') {
    const code = checkMandate(mandate, state.usage, command, nowMs);
    if (code !== undefined) return refuse(code);
  }
  const result = apply(state.book, decision.posting, command, time);
  if (!result.ok) return result;
  if (mandate !== undefined) countSpending(state.usage, mandate.mandateId, command.amountMinor, nowMs);
  use(state, decision, evidence);
  const id = command.kind === 'hold' ? command.holdId : command.transferId;
  decision.authorityById.set(id, { ...evidence.use, kind: evidence.kind });
  return result;
}

/**
 * Marks evidence as used when its command is redelivered. After a restore the ledger may know the entry but not its
 * evidence.
 */
function noteEvidence(
  state: State,
  decision: BatchDecision,
  { command, evidence }: LedgerRequest,
  nowMs: number,
): void {
  if (command.kind !== 'hold' && command.kind !== 'transfer') return;
  const debit: Account | undefined = state.book.accounts.get(command.debitAccountId);
  if (evidence === undefined || 'code' in evidence || debit === undefined) return;
  if (state.usedEvidence.has(evidenceName(evidence))) return;
  const authority = authorityOf(command, debit, evidence);
  if ('code' in authority) return;
  if (authority.by === 'mandate') {
    const mandate = state.mandates.get(mandateKey(command.debitAccountId, authority.grantee));
    if (mandate !== undefined) countSpending(state.usage, mandate.mandateId, command.amountMinor, nowMs);
  }
  use(state, decision, evidence);
}

function evidenceName({ use: { iss, jti } }: VerifiedEvidence): string {
  return `${iss}\n${jti}`;
}

function use(state: State, decision: BatchDecision, evidence: VerifiedEvidence): void {
  state.usedEvidence.add(evidenceName(evidence));
  decision.evidence.push(evidence.use);
}
