import { messages, operations, type DataOf, type ErrorCode } from '@tallystick/contracts';
import {
  findUsedEvidence,
  inAnswerTo,
  markRefused,
  rememberUsedEvidence,
  type IncomingMessage,
  type Send,
} from '@tallystick/messaging';
import type { Transaction } from '@tallystick/postgres';
import type { VerifiedEvidence } from '@tallystick/security';
import type * as z from 'zod';
import { findAccount } from '../store/accounts.ts';
import { insertMandate } from '../store/mandates.ts';

type Grant = DataOf<typeof messages.mandateGrant>;

/** Grants a card its mandate, where the owner of the account ordered that card in a request of their own. */
export async function grantToCard(
  message: IncomingMessage<Grant>,
  evidence: VerifiedEvidence | { code: ErrorCode },
  tx: Transaction,
  send: Send,
  atMs: number,
): Promise<void> {
  const { mandateId, accountId, grantee, currency, limits } = message.opened.data;
  const reject = (code: ErrorCode): void => {
    send(messages.mandateRejected, { mandateId, accountId, grantee, code }, inAnswerTo(message));
    markRefused(message, code);
  };
  if ('code' in evidence) return reject(evidence.code);
  if (!ordersCard(evidence, message.opened.data)) return reject('evidence.mismatch');
  const account = await findAccount(tx, evidence.subject, accountId);
  if (account === undefined) return reject('evidence.not_owner');
  if (account.currency !== currency) return reject('ledger.currency_mismatch');
  if ((await findUsedEvidence(tx, [evidence.use])).size > 0) return reject('evidence.used');
  const granted = await insertMandate(tx, {
    mandateId,
    accountId,
    ownerId: evidence.subject,
    grantee,
    currency,
    limits,
    status: 'active',
    grantedAtMs: atMs,
  });
  if (!granted) return reject('mandate.exists');
  rememberUsedEvidence(tx, [evidence.use]);
  send(messages.mandateGranted, { mandateId, accountId, grantee, currency, limits }, inAnswerTo(message));
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
