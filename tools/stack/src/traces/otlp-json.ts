import { z } from 'zod';

import type { AttributeValue, Span } from './span.ts';

const id = z.string().regex(/^[0-9a-f]+$/i);
const nanos = z
  .union([z.string().regex(/^\d+$/), z.number().int().nonnegative()])
  .transform((value) => BigInt(value));

const anyValue = z.looseObject({
  stringValue: z.string().optional(),
  boolValue: z.boolean().optional(),
  intValue: z.union([z.string(), z.number()]).optional(),
  doubleValue: z.number().optional(),
});

const attributes = z
  .array(z.looseObject({ key: z.string(), value: anyValue.optional() }))
  .default([])
  .transform((list) => Object.fromEntries(list.map(({ key, value }) => [key, plain(value ?? {})])));

const STATUS_ERROR = 2;

const otlpSpan = z.looseObject({
  traceId: id.length(32),
  spanId: id.length(16),
  parentSpanId: z.union([id.length(16), z.literal('')]).optional(),
  name: z.string(),
  startTimeUnixNano: nanos,
  endTimeUnixNano: nanos,
  attributes,
  links: z.array(z.looseObject({ traceId: id, spanId: id })).default([]),
  status: z.looseObject({ code: z.union([z.number(), z.string()]).optional() }).default({}),
});

const exportRequest = z.looseObject({
  resourceSpans: z
    .array(
      z.looseObject({
        resource: z.looseObject({ attributes }).default({ attributes: {} }),
        scopeSpans: z.array(z.looseObject({ spans: z.array(otlpSpan).default([]) })).default([]),
      }),
    )
    .default([]),
});

/**
 * Parses the body of an OTLP/HTTP export of traces in JSON (OTLP 1.x, `ExportTraceServiceRequest`).
 *
 * @param body the parsed JSON
 * @returns its spans, in their original order
 * @throws ZodError if it has another form
 */
export function spansFromOtlp(body: unknown): Span[] {
  return exportRequest.parse(body).resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(resource.attributes['service.name'] ?? 'unknown_service');
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => toSpan(service, span)));
  });
}

function toSpan(service: string, span: z.output<typeof otlpSpan>): Span {
  return {
    traceId: span.traceId.toLowerCase(),
    spanId: span.spanId.toLowerCase(),
    parentSpanId: span.parentSpanId ? span.parentSpanId.toLowerCase() : null,
    links: span.links.map(({ traceId, spanId }) => ({
      traceId: traceId.toLowerCase(),
      spanId: spanId.toLowerCase(),
    })),
    service,
    name: span.name,
    startMicros: Number(span.startTimeUnixNano / 1000n),
    durationMicros: Number((span.endTimeUnixNano - span.startTimeUnixNano) / 1000n),
    error: span.status.code === STATUS_ERROR || span.status.code === 'STATUS_CODE_ERROR',
    attributes: span.attributes,
  };
}

function plain(value: z.output<typeof anyValue>): AttributeValue {
  const { stringValue, boolValue, intValue, doubleValue, ...rest } = value;
  if (intValue !== undefined) return Number(intValue);
  return stringValue ?? boolValue ?? doubleValue ?? JSON.stringify(rest);
}
