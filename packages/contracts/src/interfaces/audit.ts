import * as z from 'zod';
import { event } from '../definitions/message.ts';
import { operation } from '../definitions/operation.ts';
import { auditEntry, auditLink } from '../shapes/audit.ts';
import { cursor, nextCursor } from '../shapes/cursor.ts';
import { text } from '../shapes/text.ts';
import type { ServiceName } from '../topics.ts';

const since = '2026-11-29';
/** Only operators at the console give reasons; the lists of the others are closed and older than reasons. */
const linked = auditEntry.omit({ reason: true }).extend(auditLink);
const reasoned = auditEntry.extend(auditLink);

const recorded = {
  to: [],
  key: 'entryId',
  replay: 'audit',
  current: { since, data: linked.shape },
} as const;
const summaryOf = (service: ServiceName): string => `The ${service} service wrote an audit entry`;

export const authAuditRecorded = event('auth.audit.recorded', {
  ...recorded,
  topic: 'auth.audit.v1',
  summary: summaryOf('auth'),
});
export const accountAuditRecorded = event('account.audit.recorded', {
  ...recorded,
  topic: 'account.audit.v1',
  summary: summaryOf('account'),
});
export const cardAuditRecorded = event('card.audit.recorded', {
  ...recorded,
  topic: 'card.audit.v1',
  summary: summaryOf('card'),
});
export const paymentAuditRecorded = event('payment.audit.recorded', {
  ...recorded,
  topic: 'payment.audit.v1',
  summary: summaryOf('payment'),
});
export const consoleAuditRecorded = event('console.audit.recorded', {
  ...recorded,
  current: { since, data: reasoned.shape },
  topic: 'console.audit.v1',
  summary: summaryOf('console'),
});

const list = {
  method: 'GET',
  path: '/audit-entries',
  summary: 'List the audit entries of the service, newest first',
  scope: 'audit:read',
  proof: 'none',
  query: z.strictObject({
    actor: text(200).optional(),
    object: text(200).optional(),
    action: text(100).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
    cursor,
  }),
  current: { since, response: z.object({ entries: z.array(linked), nextCursor }) },
} as const;

export const authAuditList = operation('auth.audit.list', { ...list, service: 'auth' });
export const accountAuditList = operation('account.audit.list', { ...list, service: 'account' });
export const cardAuditList = operation('card.audit.list', { ...list, service: 'card' });
export const paymentAuditList = operation('payment.audit.list', { ...list, service: 'payment' });
export const consoleAuditList = operation('console.audit.list', {
  ...list,
  service: 'console',
  current: { since, response: z.object({ entries: z.array(reasoned), nextCursor }) },
});
