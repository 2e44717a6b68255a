import {
  context,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type Link,
  type Span,
} from '@opentelemetry/api';
import type { OpenedMessage } from '@tallystick/security';
import { ALWAYS_RECORDED } from '@tallystick/telemetry';
import type { IncomingRecord } from '../publish/record.ts';

const tracer = trace.getTracer('@tallystick/messaging');
const LINKS_MAX = 128;

/** Replaces the spans of an unsampled trace: creating one costs as much as recording it. */
export const unrecordedSpan: Span = trace.wrapSpanContext({
  traceId: '0'.repeat(32),
  spanId: '0'.repeat(16),
  traceFlags: TraceFlags.NONE,
});

/** Whether the trace is not sampled: children need no span, only the context. */
export function isUnsampled(parent: Context): boolean {
  const spanContext = trace.getSpanContext(parent);
  return spanContext !== undefined && (spanContext.traceFlags & TraceFlags.SAMPLED) === 0;
}

function attributesOf(record: IncomingRecord): Record<string, string | number> {
  return {
    'messaging.system': 'kafka',
    'messaging.destination.name': record.topic,
    'messaging.destination.partition.id': String(record.partition),
    'messaging.kafka.offset': Number(record.offset),
  };
}

/** The span of one message: a child of its producer's span, so that a payment is one tree in Jaeger. */
export function startMessageSpan(
  record: IncomingRecord,
  { claims }: OpenedMessage,
): { span: Span; spanContext: Context } {
  const parent = record.traceContext;
  if (isUnsampled(parent)) return { span: unrecordedSpan, spanContext: parent };
  const span = tracer.startSpan(`process ${claims.type}`, { kind: SpanKind.CONSUMER }, parent);
  // Only for recorded spans: under load most are not, and attributes cost as much as opening the envelope.
  if (span.isRecording())
    span.setAttributes({
      ...attributesOf(record),
      'messaging.operation.type': 'process',
      'messaging.message.id': claims.jti,
      'tallystick.type': claims.type,
      'tallystick.issuer': claims.iss,
      'tallystick.txn': claims.txn,
    });
  return { span, spanContext: trace.setSpan(parent, span) };
}

/**
 * The span of a batch, with a link to each message's producer. Recorded if one of its messages is.
 * @param records at least one, possibly of several partitions and topics
 */
export function startBatchSpan(records: readonly IncomingRecord[]): { span: Span; spanContext: Context } {
  const links: Link[] = [];
  for (const record of records.slice(0, LINKS_MAX)) {
    const producer = trace.getSpanContext(record.traceContext);
    if (producer !== undefined && (producer.traceFlags & TraceFlags.SAMPLED) !== 0)
      links.push({ context: producer });
  }
  if (links.length === 0) return { span: unrecordedSpan, spanContext: context.active() };
  const topicNames = [...new Set(records.map(({ topic }) => topic))];
  const span = tracer.startSpan(`receive ${topicNames.join(' ')}`, {
    kind: SpanKind.CONSUMER,
    root: true,
    links,
    attributes: {
      [ALWAYS_RECORDED]: true,
      'messaging.system': 'kafka',
      'messaging.operation.type': 'receive',
      'messaging.destination.name': topicNames.join(' '),
      'messaging.batch.message_count': records.length,
    },
  });
  return { span, spanContext: trace.setSpan(context.active(), span) };
}

/** A separate span for a refused or failed message: always recorded, and linked to its cause. */
export function recordRefusal(
  record: IncomingRecord,
  refusal: { code: string; check: string; type?: string | undefined },
): void {
  const cause = trace.getSpanContext(record.traceContext);
  const span = tracer.startSpan(`refuse ${record.topic}`, {
    kind: SpanKind.CONSUMER,
    root: true,
    links: cause === undefined ? [] : [{ context: cause }],
    attributes: {
      ...attributesOf(record),
      [ALWAYS_RECORDED]: true,
      'messaging.operation.type': 'process',
      'error.type': refusal.code,
      'tallystick.check': refusal.check,
      ...(refusal.type === undefined ? {} : { 'tallystick.type': refusal.type }),
    },
  });
  span.setStatus({ code: SpanStatusCode.ERROR, message: refusal.code });
  span.end();
}
