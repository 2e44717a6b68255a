import { SpanStatusCode, type Context, type Span } from '@opentelemetry/api';
import type { OpenedMessage } from '@tallystick/security';
import type { IncomingRecord } from '../publish/record.ts';
import { recordRefusal } from './spans.ts';

/** A message that passed every check of the envelope. */
export interface IncomingMessage<Data = unknown> {
  opened: OpenedMessage<Data>;
  record: IncomingRecord;
  span: Span;
  spanContext: Context;
}

/**
 * The messages of a batch that passed the checks.
 * @template Prepared data that was prepared for them before the transaction
 */
export interface Batch<Prepared = unknown> {
  /** In their order, including messages that were handled before. */
  messages: readonly IncomingMessage[];
  prepared: Prepared;
  /**
   * The messages that were not handled before; only these may take effect. The query shares its round trip with every
   * query that a handler sends before it awaits this.
   */
  firstSeen: Promise<ReadonlySet<IncomingMessage>>;
}

/** The options with which an answer to `message` is sent: same transaction, caused by it, in its trace. */
export function inAnswerTo(message: IncomingMessage): { txn: string; cause: string; traceContext: Context } {
  const { txn, jti } = message.opened.claims;
  return { txn, cause: jti, traceContext: message.spanContext };
}

/** Marks the span of a message whose command the domain refused. */
export function markRefused(message: IncomingMessage, code: string): void {
  message.span.setStatus({ code: SpanStatusCode.ERROR, message: code });
  message.span.setAttribute('error.type', code);
  // An unsampled trace would not show the refusal.
  if (!message.span.isRecording())
    recordRefusal(message.record, { code, check: 'domain', type: message.opened.claims.type });
}
