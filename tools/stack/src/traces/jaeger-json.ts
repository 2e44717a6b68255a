import { z } from 'zod';

import type { AttributeValue, Span } from './span.ts';

const tag = z.looseObject({ key: z.string(), value: z.unknown() });

const jaegerSpan = z.looseObject({
  traceID: z.string(),
  spanID: z.string(),
  operationName: z.string(),
  references: z
    .array(z.looseObject({ refType: z.string(), traceID: z.string(), spanID: z.string() }))
    .default([]),
  startTime: z.number(),
  duration: z.number(),
  tags: z.array(tag).nullish(),
  processID: z.string(),
});

const jaegerResponse = z.looseObject({
  data: z
    .array(
      z.looseObject({
        traceID: z.string(),
        spans: z.array(jaegerSpan),
        processes: z.record(z.string(), z.looseObject({ serviceName: z.string() })),
      }),
    )
    .nullable(),
});

/**
 * Parses the response of Jaeger's query API to `GET /api/traces/{id}`.
 *
 * @param body the parsed JSON
 * @returns the spans
 * @throws ZodError if it has another form
 */
export function spansFromJaeger(body: unknown): Span[] {
  return (jaegerResponse.parse(body).data ?? []).flatMap(({ spans, processes }) =>
    spans.map((span): Span => {
      const attributes = Object.fromEntries((span.tags ?? []).map(({ key, value }) => [key, plain(value)]));
      // the parent is the reference to the same trace; for some exporters a link to another trace has the same type
      const parent = span.references.find(
        ({ refType, traceID }) => refType === 'CHILD_OF' && traceID === span.traceID,
      );
      return {
        traceId: span.traceID.padStart(32, '0'),
        spanId: span.spanID,
        parentSpanId: parent?.spanID ?? null,
        links: span.references
          .filter((reference) => reference !== parent)
          .map(({ traceID, spanID }) => ({ traceId: traceID.padStart(32, '0'), spanId: spanID })),
        service: processes[span.processID]?.serviceName ?? 'unknown_service',
        name: span.operationName,
        startMicros: span.startTime,
        durationMicros: span.duration,
        error: attributes['error'] === true,
        attributes,
      };
    }),
  );
}

function plain(value: unknown): AttributeValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return JSON.stringify(value) ?? '';
}

/**
 * Formats one trace as Jaeger's query API does.
 *
 * @param traceId the trace
 * @param spans all its spans
 * @returns the value to send as JSON
 */
export function jaegerFromSpans(traceId: string, spans: Span[]): unknown {
  const services = [...new Set(spans.map(({ service }) => service))];
  const processOf = (service: string) => `p${services.indexOf(service) + 1}`;
  return {
    data: [
      {
        traceID: traceId,
        spans: spans.map((span) => ({
          traceID: traceId,
          spanID: span.spanId,
          operationName: span.name,
          references: [
            ...(span.parentSpanId === null
              ? []
              : [{ refType: 'CHILD_OF', traceID: traceId, spanID: span.parentSpanId }]),
            ...span.links.map((link) => ({
              refType: 'FOLLOWS_FROM',
              traceID: link.traceId,
              spanID: link.spanId,
            })),
          ],
          startTime: span.startMicros,
          duration: span.durationMicros,
          tags: tagsOf(span),
          logs: [],
          processID: processOf(span.service),
          warnings: null,
        })),
        processes: Object.fromEntries(
          services.map((service) => [processOf(service), { serviceName: service, tags: [] }]),
        ),
        warnings: null,
      },
    ],
    total: 0,
    limit: 0,
    offset: 0,
    errors: null,
  };
}

function tagsOf(span: Span): unknown[] {
  const attributes = span.error ? { ...span.attributes, error: true } : span.attributes;
  return Object.entries(attributes).map(([key, value]) => ({ key, type: tagType(value), value }));
}

function tagType(value: AttributeValue): string {
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  return Number.isInteger(value) ? 'int64' : 'float64';
}
