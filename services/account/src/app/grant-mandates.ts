import { AUDIT_DONE, messages, operations, type DataOf, type ErrorCode } from '@tallystick/contracts';
import type { Send, SendOptions } from '@tallystick/messaging';
import type { VerifiedEvidence } from '@tallystick/security';
import type * as z from 'zod';
import { partyOf } from './audit-refusals.ts';
import type { MandateStore } from './stores.ts';

type Grant = DataOf<typeof messages.mandateGrant>;

/** A card's command for a mandate, with the verified request of the account owner. */
export interface GrantRequest {
  grant: Omit<Grant, 'evidence'>;
  evidence: VerifiedEvidence | { code: ErrorCode };
  options: SendOptions;
}

/**
 * Grants mandates to cards, audits and publishes each outcome. The account owner must have ordered the card in their own
 * request.
 * @returns the reason for which each mandate was rejected, in their order; `undefined` if it was granted
 */
export async function grantMandates(
  store: MandateStore,
  send: Send,
  requests: readonly GrantRequest[],
  nowMs: number,
): Promise<(ErrorCode | undefined)[]> {
  const codes: (ErrorCode | undefined)[] = [];
  // Card orders are rare, and each grant withdraws the previous one, so a sequential loop suffices.
  for (const request of requests) {
    const code = await grantOne(store, request, nowMs);
    codes.push(code);
    store.audit([
      {
        atMs: nowMs,
        traceContext: request.options.traceContext,
        actor: partyOf(request.evidence),
        action: messages.mandateGrant.type,
        object: request.grant.mandateId,
        outcome: code ?? AUDIT_DONE,
      },
    ]);
    if (code === undefined) send(messages.mandateGranted, request.grant, request.options);
    else rejectMandate(send, request, code);
  }
  return codes;
}

/**
 * Rejects mandates whose commands expired, unless an earlier copy of the command was answered. A rejection might
 * overtake that answer, and the card would be refused under an active mandate.
 */
export async function rejectExpiredMandates(
  store: Pick<MandateStore, 'findExisting'>,
  send: Send,
  requests: readonly Pick<GrantRequest, 'grant' | 'options'>[],
): Promise<void> {
  const existing = await store.findExisting(requests.map(({ grant }) => grant.mandateId));
  for (const request of requests)
    if (!existing.has(request.grant.mandateId)) rejectMandate(send, request, 'envelope.expired');
}

/** Publishes the rejection of a mandate. */
function rejectMandate(
  send: Send,
  { grant, options }: Pick<GrantRequest, 'grant' | 'options'>,
  code: ErrorCode,
): void {
  const { mandateId, accountId, grantee } = grant;
  send(messages.mandateRejected, { mandateId, accountId, grantee, code }, options);
}

/** @returns the reason to reject the mandate; `undefined` if it was granted */
async function grantOne(
  store: MandateStore,
  { grant, evidence }: GrantRequest,
  nowMs: number,
): Promise<ErrorCode | undefined> {
  if ('code' in evidence) return evidence.code;
  if (!ordersCard(evidence, grant)) return 'evidence.mismatch';
  const account = await store.findAccount(evidence.subject, grant.accountId);
  if (account === undefined) return 'ledger.account_not_found';
  if (account.currency !== grant.currency) return 'ledger.currency_mismatch';
  if (await store.isUsed(evidence.use)) return 'evidence.used';
  const granted = await store.insert({
    ...grant,
    ownerId: evidence.subject,
    status: 'active',
    grantedAtMs: nowMs,
  });
  if (!granted) return 'mandate.exists';
  store.rememberUsed(evidence.use);
  return undefined;
}

function ordersCard(
  evidence: VerifiedEvidence,
  grant: Omit<Grant, 'evidence'>,
): evidence is VerifiedEvidence & { kind: 'request' } {
  if (
    evidence.kind !== 'request' ||
    evidence.operation.id !== operations.cardIssue.id ||
    grant.grantee.kind !== 'card'
  )
    return false;
  const order = evidence.body as z.output<typeof operations.cardIssue.body>;
  return (
    order.accountId === grant.accountId &&
    order.currency === grant.currency &&
    order.limits.perPaymentMinor === grant.limits.perPaymentMinor &&
    order.limits.perDayMinor === grant.limits.perDayMinor &&
    order.limits.perMonthMinor === grant.limits.perMonthMinor
  );
}
