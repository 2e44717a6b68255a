import type { Decision } from '@tallystick/audit';
import { AUDIT_NOBODY, isAuthorityError, messages, operations } from '@tallystick/contracts';
import type { VerifiedEvidence } from '@tallystick/security';
import type { LedgerCommand, LedgerResult } from '../domain/book.ts';
import type { AskedRequest } from './carry-out.ts';

/** The names of the commands, as in contracts. Nobody orders the others. */
const actions: Partial<Record<LedgerCommand['kind'], string>> = {
  hold: messages.holdPlace.type,
  post: messages.holdPost.type,
  void: messages.holdVoid.type,
  transfer: operations.transferPost.id,
};

/**
 * Returns the requests that were refused for lack of authority, for the audit. What was carried out is in the journal, with
 * its authority.
 * @param results of the requests, by index
 */
export function refusalsOf(
  requests: readonly AskedRequest[],
  results: readonly LedgerResult[],
  atMs: number,
): Decision[] {
  return requests.flatMap(({ command, evidence, options }, at) => {
    const result = results[at]!;
    const action = actions[command.kind];
    if (result.ok || action === undefined || !isAuthorityError(result.code)) return [];
    return [
      {
        atMs,
        traceContext: options?.traceContext,
        actor: partyOf(evidence),
        action,
        object: objectOf(command),
        outcome: result.code,
      },
    ];
  });
}

/** The party that signed the evidence; nobody, if it does not hold. */
export function partyOf(evidence: VerifiedEvidence | { code: string } | undefined): string {
  if (evidence === undefined || 'code' in evidence) return AUDIT_NOBODY;
  switch (evidence.kind) {
    case 'order':
      return evidence.producerId;
    case 'request':
      return evidence.subject;
    case 'decision':
      return evidence.request.subject;
  }
}

function objectOf(command: LedgerCommand): string | undefined {
  if ('paymentId' in command && command.paymentId !== undefined) return command.paymentId;
  return 'debitAccountId' in command ? command.debitAccountId : undefined;
}
