import { z } from 'zod';

import type { Span } from './span.ts';

const id = z.string().regex(/^[0-9a-f]+$/i);
const nanos = z.union([z.string().regex(/^\d+$/), z.number().int().nonnegative()]);
const attributes = z
  .array(z.looseObject({ key: z.string(), value: z.looseObject({ stringValue: z.string().optional() }) }))
  .default([]);

/** A span of OTLP in JSON: the fields that the tree of a trace needs; others pass through. */
const otlpSpan = z.looseObject({
  traceId: id.length(32),
  spanId: id.length(16),
  parentSpanId: z.union([id.length(16), z.literal('')]).optional(),
  name: z.string(),
  startTimeUnixNano: nanos,
  endTimeUnixNano: nanos,
  status: z.looseObject({ code: z.union([z.number(), z.string()]).optional() }).optional(),
});

/** The body of an OTLP/HTTP export of traces in JSON (OTLP 1.x, `ExportTraceServiceRequest`), also of an answer. */
export const exportRequest = z.object({
  resourceSpans: z
    .array(
      z.object({
        resource: z.looseObject({ attributes }).default({ attributes: [] }),
        scopeSpans: z.array(z.object({ spans: z.array(otlpSpan).default([]) })).default([]),
      }),
    )
    .default([]),
});
export type ExportRequest = z.output<typeof exportRequest>;

const ERRORS: readonly unknown[] = [2, 'STATUS_CODE_ERROR'];

/** Converts spans of OTLP, in their order. */
export function spansOf({ resourceSpans }: ExportRequest): Span[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const name = resource.attributes.find(({ key }) => key === 'service.name');
    const service = name?.value.stringValue ?? 'unknown_service';
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => spanOf(service, span)));
  });
}

function spanOf(service: string, span: z.output<typeof otlpSpan>): Span {
  const [start, end] = [BigInt(span.startTimeUnixNano), BigInt(span.endTimeUnixNano)];
  return {
    spanId: span.spanId.toLowerCase(),
    parentSpanId: span.parentSpanId ? span.parentSpanId.toLowerCase() : null,
    service,
    name: span.name,
    startMicros: Number(start / 1000n),
    durationMicros: Number((end - start) / 1000n),
    error: ERRORS.includes(span.status?.code),
  };
}
