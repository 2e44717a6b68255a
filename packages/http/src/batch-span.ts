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
  const [only] = requests;
  if (requests.length === 1 && only !== undefined) return { span: undefined, spanContext: only };
  const links = requests
    .flatMap((one) => {
      const spanContext = trace.getSpanContext(one);
      const isSampled = spanContext !== undefined && (spanContext.traceFlags & TraceFlags.SAMPLED) !== 0;
      return isSampled ? { context: spanContext } : [];
    })
    .slice(0, LINKS_MAX);
  if (links.length === 0) return { span: undefined, spanContext: ROOT_CONTEXT };
  const span = tracer.startSpan('carry out requests', {
    kind: SpanKind.INTERNAL,
    root: true,
    links,
    attributes: { [ALWAYS_RECORDED]: true, 'tallystick.requests': requests.length },
  });
  return { span, spanContext: trace.setSpan(ROOT_CONTEXT, span) };
}
