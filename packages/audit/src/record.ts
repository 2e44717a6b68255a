import { context, isSpanContextValid, trace, type Context } from '@opentelemetry/api';
import { newId, type AuditEntry } from '@tallystick/contracts';
import { insertRows, type Statement } from '@tallystick/postgres';
import { contentOf } from './content.ts';

/** A decision to audit. */
export interface Decision extends Pick<
  AuditEntry,
  'actor' | 'clientId' | 'action' | 'object' | 'reason' | 'outcome'
> {
  /** When it was made, in milliseconds since the epoch. */
  atMs: number;
  /** The context of its span, which names the trace; the active one by default. */
  traceContext?: Context | undefined;
}

const insert = insertRows<AuditEntry>('audit_entry_insert', 'audit_entry', {
  entry_id: ['text', ({ entryId }) => entryId],
  content: ['text', contentOf],
});

/**
 * Makes the statement that writes decisions to the audit. Run it in the transaction of the decisions: the commit links the
 * entries to the chain.
 */
export function auditOf(decisions: readonly Decision[]): Statement {
  return insert(decisions.map(entryOf));
}

function entryOf({
  atMs,
  traceContext = context.active(),
  actor,
  clientId,
  action,
  object,
  reason,
  outcome,
}: Decision): AuditEntry {
  const span = trace.getSpanContext(traceContext);
  return {
    entryId: newId('aud'),
    occurredAt: new Date(atMs).toISOString(),
    actor,
    clientId,
    action,
    object,
    reason,
    outcome,
    traceId: span !== undefined && isSpanContextValid(span) ? span.traceId : undefined,
  };
}
