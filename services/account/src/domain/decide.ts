import {
  countSpending,
  evidenceKey,
  holdIdOf,
  transferIdOfOrder,
  type ErrorCode,
  type Spending,
} from '@tallystick/contracts';
import type { EvidenceUse, VerifiedEvidence } from '@tallystick/security';
import { authorityOf, type Authority } from './authority.ts';
import { batchTimeOf, type BatchTime } from './batch-time.ts';
import {
  noChanges,
  refuse,
  type Book,
  type BookChanges,
  type CommandOf,
  type Counted,
  type LedgerCommand,
  type LedgerResult,
} from './book.ts';
import { doneBefore } from './done-before.ts';
import { refusalOnHold } from './hold-authority.ts';
import { apply } from './ledger.ts';
import { checkMandate, countHold, mandateKey, type Mandate } from './mandate.ts';

/** A command to the ledger with its evidence. Expiry needs none. */
export interface LedgerRequest {
  command: LedgerCommand;
  evidence?: VerifiedEvidence | { code: ErrorCode } | undefined;
  /** The second operator, if one approved it. */
  approvedBy?: string;
}

/** All data that a batch needs, including authority. */
export interface State {
  book: Book;
  /** Keyed by {@link mandateKey}. */
  mandates: Map<string, Mandate>;
  /** The spending of mandates: what is held or moved. */
  usage: Spending;
  /** Keys of evidence that was already used. Only a transfer over HTTP is named by its evidence. */
  usedEvidence: Set<string>;
  /** Names of orders over HTTP that were carried out. */
  wishes: Set<string>;
  /** Whether bringing money in needs a second operator. */
  fundByTwo?: boolean;
}

/** The authority by which a movement was decided. */
export interface DecidedBy extends EvidenceUse {
  kind: VerifiedEvidence['kind'] | 'replayed';
  wish?: string | undefined;
  mandateId?: string | undefined;
}

export interface BatchDecision {
  /** The time at which the batch was posted, for its entries and holds. */
  postedAtMs: number;
  results: LedgerResult[];
  posting: BookChanges;
  /** Evidence that moved money in this batch and names it. */
  evidence: EvidenceUse[];
  /** The orders over HTTP that the batch carried out, by name. */
  wishes: Set<string>;
  /** The change of the spending of mandates; negative if a hold released more than was counted. */
  spent: Spending;
  /** The authority of each new hold or entry, by its id. */
  authorityById: Map<string, DecidedBy>;
}

export function emptyDecision(postedAtMs: number): BatchDecision {
  return {
    postedAtMs,
    results: [],
    posting: noChanges(),
    evidence: [],
    wishes: new Set(),
    spent: new Map(),
    authorityById: new Map(),
  };
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
  { command, evidence, approvedBy }: LedgerRequest,
  time: BatchTime,
): LedgerResult {
  const done = doneBefore(state.book, command);
  if (done !== undefined) return done;
  switch (command.kind) {
    case 'hold':
    case 'transfer':
      return take(state, decision, command, { evidence, approvedBy }, time);
    case 'post':
    case 'void':
      return endHold(state, decision, command, evidence, time);
    case 'expire':
      return changeHold(state, decision, command, time);
    case 'entry':
      // Each debited leg needs the evidence of its account's owner, and no evidence covers more than a transfer yet.
      return refuse('evidence.kind_refused');
  }
}

/** An account without a minimum balance is external: money that leaves it comes into the system. */
function needsSecondOperator(
  { book, fundByTwo = false }: State,
  { debitAccountId }: CommandOf<'hold' | 'transfer'>,
): boolean {
  return fundByTwo && book.accounts.get(debitAccountId)?.minimumBalanceMinor === null;
}

/** Decides a command that takes money from an account. */
function take(
  state: State,
  decision: BatchDecision,
  command: CommandOf<'hold' | 'transfer'>,
  { evidence, approvedBy }: Omit<LedgerRequest, 'command'>,
  time: BatchTime,
): LedgerResult {
  if (evidence === undefined) return refuse('evidence.invalid');
  if ('code' in evidence) return refuse(evidence.code);
  const debit = state.book.accounts.get(command.debitAccountId);
  const authority = authorityOf(command, debit, evidence);
  if ('code' in authority) return refuse(authority.code);
  if (wasCarriedOut(state, command, evidence, authority)) return refuse('evidence.used');

  const { grantee, wish, capturer } = authority;
  const mandate =
    grantee === undefined ? undefined : state.mandates.get(mandateKey(command.debitAccountId, grantee));
  if (grantee !== undefined) {
    const code = checkMandate(mandate, state.usage, command, time.nowMs);
    if (code !== undefined) return refuse(code);
  }
  // Only after authority: nobody else learns which accounts are external.
  if (needsSecondOperator(state, command) && approvedBy === undefined)
    return refuse('ledger.second_operator_needed');
  const mandateId = mandate?.mandateId;
  const counted: Counted | undefined = mandateId === undefined ? undefined : { mandateId, atMs: time.nowMs };
  const asked = command.kind === 'hold' ? { ...command, capturer, counted } : command;
  const result = apply(state.book, decision.posting, asked, time);
  if (!result.ok) return result;
  if (counted !== undefined)
    for (const spending of [state.usage, decision.spent])
      countSpending(spending, counted.mandateId, command.amountMinor, counted.atMs);
  if (wish !== undefined) {
    state.wishes.add(wish);
    decision.wishes.add(wish);
  }
  if (isNamedByEvidence(command)) {
    state.usedEvidence.add(evidenceKey(evidence.use));
    decision.evidence.push(evidence.use);
  }
  const id = command.kind === 'hold' ? command.holdId : command.transferId;
  decision.authorityById.set(id, { ...evidence.use, kind: evidence.kind, wish, mandateId });
  return { ...result, decidedBy: { wish, counted } };
}

/**
 * Returns whether the order behind a command already moved money, under another name or by another kind of command. A
 * payment has one hold or one transfer, so it belongs to one payer and one payee.
 */
function wasCarriedOut(
  { book, wishes, usedEvidence }: State,
  command: CommandOf<'hold' | 'transfer'>,
  evidence: VerifiedEvidence,
  { wish }: Exclude<Authority, { code: ErrorCode }>,
): boolean {
  if (wish !== undefined && wishes.has(wish)) return true;
  if (isNamedByEvidence(command)) return usedEvidence.has(evidenceKey(evidence.use));
  const { paymentId } = command;
  if (paymentId === undefined || isRefund(command)) return false;
  return book.holds.has(holdIdOf(paymentId)) || book.entries.has(transferIdOfOrder(paymentId));
}

/** Decides a command of the capturer or the payee on a hold. */
function endHold(
  state: State,
  decision: BatchDecision,
  command: CommandOf<'post' | 'void'>,
  evidence: LedgerRequest['evidence'],
  time: BatchTime,
): LedgerResult {
  const hold = state.book.holds.get(command.holdId);
  if (hold === undefined || hold.debitAccountId !== command.debitAccountId)
    return refuse('ledger.hold_not_found');
  const code = refusalOnHold(command, hold, state.book.accounts.get(hold.creditAccountId), evidence);
  if (code !== undefined) return refuse(code);
  const result = changeHold(state, decision, command, time);
  if (result.ok && command.kind === 'post' && evidence !== undefined && !('code' in evidence))
    decision.authorityById.set(command.transferId, { ...evidence.use, kind: evidence.kind });
  return result;
}

/** Posts or ends a hold, and gives the mandate of its order back what it releases. */
function changeHold(
  state: State,
  decision: BatchDecision,
  command: CommandOf<'post' | 'void' | 'expire'>,
  time: BatchTime,
): LedgerResult {
  const before = state.book.holds.get(command.holdId);
  const result = apply(state.book, decision.posting, command, time);
  const after = state.book.holds.get(command.holdId);
  for (const spending of [state.usage, decision.spent]) countHold(spending, before, after);
  return result;
}

/** Only a transfer over HTTP, outside of payments, is named by its evidence. */
function isNamedByEvidence(command: CommandOf<'hold' | 'transfer'>): boolean {
  return command.kind === 'transfer' && command.paymentId === undefined;
}

function isRefund(command: CommandOf<'hold' | 'transfer'>): boolean {
  return command.kind === 'transfer' && command.refund;
}
