import { messages, operations, type DataOf, type ErrorCode } from '@tallystick/contracts';
import { inAnswerTo, markRefused, type IncomingMessage, type Send } from '@tallystick/messaging';
import type { VerifiedEvidence } from '@tallystick/security';
import type * as z from 'zod';
import type { MandateStore } from './stores.ts';

type Grant = DataOf<typeof messages.mandateGrant>;

/** A card's command for a mandate, with what the owner of the account signed. */
export interface GrantRequest {
  message: IncomingMessage<Grant>;
  evidence: VerifiedEvidence | { code: ErrorCode };
}

/**
 * Grants cards their mandates, each where the owner of the account ordered that card in a request of their own.
 * Publishes of each whether it was granted.
 */
export async function grantMandates(
  store: MandateStore,
  send: Send,
  requests: readonly GrantRequest[],
  nowMs: number,
): Promise<void> {
  // Cards are ordered seldom, and each grant withdraws the one before it: one by one is right here.
  for (const request of requests) {
    const { message } = request;
    const { mandateId, accountId, grantee, currency, limits } = message.opened.data;
    const code = await grant(store, request, nowMs);
    if (code === undefined) {
      send(messages.mandateGranted, { mandateId, accountId, grantee, currency, limits }, inAnswerTo(message));
      continue;
    }
    send(messages.mandateRejected, { mandateId, accountId, grantee, code }, inAnswerTo(message));
    markRefused(message, code);
  }
}

/** @returns why the mandate was not granted */
async function grant(
  store: MandateStore,
  { message, evidence }: GrantRequest,
  nowMs: number,
): Promise<ErrorCode | undefined> {
  const { data } = message.opened;
  if ('code' in evidence) return evidence.code;
  if (!ordersCard(evidence, data)) return 'evidence.mismatch';
  const account = await store.findAccount(evidence.subject, data.accountId);
  if (account === undefined) return 'evidence.not_owner';
  if (account.currency !== data.currency) return 'ledger.currency_mismatch';
  if (await store.isUsed(evidence.use)) return 'evidence.used';
  const { mandateId, accountId, grantee, currency, limits } = data;
  const granted = await store.insert({
    mandateId,
    accountId,
    ownerId: evidence.subject,
    grantee,
    currency,
    limits,
    status: 'active',
    grantedAtMs: nowMs,
  });
  if (!granted) return 'mandate.exists';
  store.rememberUsed(evidence.use);
  return undefined;
}

function ordersCard(
  evidence: VerifiedEvidence,
  grant: Grant,
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
