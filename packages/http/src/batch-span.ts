import { ROOT_CONTEXT, SpanKind, trace, TraceFlags, type Context, type Span } from '@opentelemetry/api';
import { ALWAYS_RECORDED } from '@tallystick/telemetry';

const tracer = trace.getTracer('@tallystick/http');
const LINKS_MAX = 128;

/**
 * Starts the span of a transaction that serves many requests, linked to each that is recorded.
 * @returns no span where there is but one request, which has one, or where none is recorded
 */
export function startBatchSpan(requests: readonly Context[]): {
  span: Span | undefined;
  spanContext: Context;
} {
  const recorded = requests.filter(isRecorded);
  const [only] = recorded;
  // Statements need no spans that nobody records.
  if (only === undefined) return { span: undefined, spanContext: ROOT_CONTEXT };
  if (requests.length === 1) return { span: undefined, spanContext: only };
  const links = recorded.slice(0, LINKS_MAX).map((one) => ({ context: trace.getSpanContext(one)! }));
  const span = tracer.startSpan('carry out requests', {
    kind: SpanKind.INTERNAL,
    root: true,
    links,
    attributes: { [ALWAYS_RECORDED]: true, 'tallystick.requests': requests.length },
  });
  return { span, spanContext: trace.setSpan(ROOT_CONTEXT, span) };
}

function isRecorded(request: Context): boolean {
  const spanContext = trace.getSpanContext(request);
  return spanContext !== undefined && (spanContext.traceFlags & TraceFlags.SAMPLED) !== 0;
}
