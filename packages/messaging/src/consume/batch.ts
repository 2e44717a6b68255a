import { SpanStatusCode, type Context, type Span } from '@opentelemetry/api';
import type { OpenedMessage } from '@tallystick/security';
import type { IncomingRecord } from '../publish/record.ts';
import { recordRefusal } from './spans.ts';

/** A message that passed every check and was not seen before. */
export interface IncomingMessage<Data = unknown> {
  opened: OpenedMessage<Data>;
  record: IncomingRecord;
  span: Span;
  spanContext: Context;
}

/**
 * The messages of a batch that passed the checks.
 * @template Prepared what was prepared for them before the transaction
 */
export interface Batch<Prepared = unknown> {
  /** In their order, with any that were carried out before. */
  messages: readonly IncomingMessage[];
  prepared: Prepared;
  /**
   * Those that were not carried out before: no others may take effect. It is asked in the trip to the database that
   * also carries what is loaded for `messages` before this is awaited.
   */
  firstSeen: Promise<ReadonlySet<IncomingMessage>>;
}

/** The options with which an answer to `message` is sent: same transaction, caused by it, in its trace. */
export function inAnswerTo(message: IncomingMessage): { txn: string; cause: string; traceContext: Context } {
  const { txn, jti } = message.opened.claims;
  return { txn, cause: jti, traceContext: message.spanContext };
}

/** Marks a message whose wish was refused: by the rules of the domain, not by the checks of the envelope. */
export function markRefused(message: IncomingMessage, code: string): void {
  message.span.setStatus({ code: SpanStatusCode.ERROR, message: code });
  message.span.setAttribute('error.type', code);
  // An unsampled trace shows nothing of it otherwise.
  if (!message.span.isRecording())
    recordRefusal(message.record, { code, check: 'domain', type: message.opened.claims.type });
}
