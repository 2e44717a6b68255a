import type { ErrorCode } from '@tallystick/contracts';
import type { EvidenceUse, VerifiedEvidence } from '@tallystick/security';
import { authorityOf } from './authority.ts';
import type { Account, Book, LedgerCommand, LedgerResult } from './book.ts';
import { doneBefore } from './done-before.ts';
import { apply, emptyPosting, type Posting } from './ledger.ts';
import { checkMandate, mandateKey, useMandate, type Mandate, type MandateUsage } from './mandate.ts';

/** A command on the ledger with what authorizes it. Only commands on an existing hold, and expiry, need nothing more. */
export interface LedgerRequest {
  command: LedgerCommand;
  evidence?: VerifiedEvidence | { code: ErrorCode } | undefined;
}

/** What a batch may touch, authority included. */
export interface State {
  book: Book;
  /** By {@link mandateKey}. */
  mandates: Map<string, Mandate>;
  usage: MandateUsage;
  /** Keys of evidence that was acted on. */
  usedEvidence: Set<string>;
}

export interface Decision {
  results: LedgerResult[];
  posting: Posting;
  /** Evidence that moved or held money in this batch. */
  evidence: EvidenceUse[];
  /** Which piece of evidence stands behind each new hold or transfer, by its id. */
  authorityById: Map<string, EvidenceUse & { kind: VerifiedEvidence['kind'] | 'recalled' }>;
}

/**
 * Decides a batch of requests in their order: the authority of each first, then the ledger. Pure but for `state`,
 * which it changes in place; the same state and requests always give the same decision.
 */
export function decide(state: State, requests: readonly LedgerRequest[], nowMs: number): Decision {
  const decision: Decision = { results: [], posting: emptyPosting(), evidence: [], authorityById: new Map() };
  for (const request of requests) decision.results.push(decideOne(state, decision, request, nowMs));
  return decision;
}

function decideOne(
  state: State,
  decision: Decision,
  { command, evidence }: LedgerRequest,
  nowMs: number,
): LedgerResult {
  const done = doneBefore(state.book, command);
  if (done !== undefined) {
    noteEvidence(state, decision, { command, evidence }, nowMs);
    return done;
  }
  if (command.kind !== 'hold' && command.kind !== 'transfer')
    return apply(state.book, decision.posting, command, nowMs);
  if (evidence === undefined) return { ok: false, code: 'evidence.invalid' };
  if ('code' in evidence) return { ok: false, code: evidence.code };
  const debit = state.book.accounts.get(command.debitAccountId);
  if (debit === undefined) return { ok: false, code: 'ledger.account_not_found' };
  const authority = authorityOf(command, debit, evidence);
  if ('code' in authority) return { ok: false, code: authority.code };
  if (state.usedEvidence.has(evidenceName(evidence))) return { ok: false, code: 'evidence.used' };

  const mandate =
    authority.by === 'mandate'
      ? state.mandates.get(mandateKey(command.debitAccountId, authority.grantee))
      : undefined;
  if (authority.by === 'mandate') {
    const code = checkMandate(mandate, state.usage, command, nowMs);
    if (code !== undefined) return { ok: false, code };
  }
  const result = apply(state.book, decision.posting, command, nowMs);
  if (!result.ok) return result;
  if (mandate !== undefined) useMandate(mandate, state.usage, command.amountMinor, nowMs);
  use(state, decision, evidence);
  const id = command.kind === 'hold' ? command.holdId : command.transferId;
  decision.authorityById.set(id, { ...evidence.use, kind: evidence.kind });
  return result;
}

/**
 * Counts evidence that is shown again for what it moved before. The ledger knows it already, but where a restore brought
 * the movement back and not what authorized it.
 */
function noteEvidence(
  state: State,
  decision: Decision,
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
    if (mandate !== undefined) useMandate(mandate, state.usage, command.amountMinor, nowMs);
  }
  use(state, decision, evidence);
}

function evidenceName({ use: { iss, jti } }: VerifiedEvidence): string {
  return `${iss}\n${jti}`;
}

function use(state: State, decision: Decision, evidence: VerifiedEvidence): void {
  state.usedEvidence.add(evidenceName(evidence));
  decision.evidence.push(evidence.use);
}
