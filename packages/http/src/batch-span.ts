import { ROOT_CONTEXT, SpanKind, trace, TraceFlags, type Context, type Span } from '@opentelemetry/api';
import { ALWAYS_RECORDED } from '@tallystick/telemetry';

const tracer = trace.getTracer('@tallystick/http');
const LINKS_MAX = 128;

/**
 * Starts the span of a transaction that serves several requests, with a link to each recorded one.
 * @returns no span if there is only one request, which has its own, or if none is recorded
 */
export function startBatchSpan(requests: readonly Context[]): {
  span: Span | undefined;
  spanContext: Context;
} {
  const recorded = requests.filter(isRecorded);
  const [only] = recorded;
  // If no span is recorded, statements need no spans.
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
