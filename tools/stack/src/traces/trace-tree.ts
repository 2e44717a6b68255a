import { styleText } from 'node:util';
import { z } from 'zod';

import { exportRequest, spansOf } from './otlp-json.ts';
import type { Span } from './span.ts';

const queryResult = z.object({ result: exportRequest });
const NOT_FOUND = 404;
const TIMEOUT_MS = 5_000;

/** The stored part of one trace; more spans may arrive. */
export interface Trace {
  traceId: string;
  spans: Span[];
}

/**
 * Fetches a trace from Jaeger's query API (v3, OTLP in JSON), or from the stack's own sink, which answers in the same form.
 *
 * @param queryBase `http://host:port`
 * @param traceId 32 hexadecimal digits
 * @returns the trace, or null if the store does not know it (yet)
 * @throws Error if the store answers with anything other than a trace or 404
 */
export async function fetchTrace(queryBase: string, traceId: string): Promise<Trace | null> {
  const url = `${queryBase.replace(/\/$/, '')}/api/v3/traces/${encodeURIComponent(traceId)}`;
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (response.status === NOT_FOUND) {
    await response.body?.cancel();
    return null;
  }
  if (!response.ok)
    throw new Error(`${url} answered ${response.status}: ${(await response.text()).slice(0, 500)}`);
  const { result } = queryResult.parse(await response.json());
  const spans = spansOf(result);
  return spans.length === 0 ? null : { traceId, spans };
}

/**
 * Draws the spans of a trace as an indented tree: service, name, duration in milliseconds, a mark for an error.
 * Siblings are ordered by start; a span whose parent is not stored becomes a root.
 *
 * @param trace the trace
 * @param options.colour whether to use terminal colours
 * @returns one line per span, without a final line break
 */
export function formatTraceTree(trace: Trace, options: { colour: boolean }): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    options.colour ? styleText(style, text, { validateStream: false }) : text;
  const line = (indent: string, span: Span) => {
    const duration = `${(span.durationMicros / 1000).toFixed(1)} ms`;
    const mark = span.error ? ` ${paint('red', '✗ error')}` : '';
    return `${paint('dim', indent)}${paint('cyan', span.service)} ${span.name} ${paint('dim', duration)}${mark}`;
  };

  const children = childrenByParent(trace.spans);
  const lines: string[] = [];
  const drawn = new Set<Span>();
  const draw = (span: Span, indent: string, below: string) => {
    if (drawn.has(span)) return;
    drawn.add(span);
    lines.push(line(indent, span));
    const list = children.get(span.spanId) ?? [];
    list.forEach((child, at) => {
      const last = at === list.length - 1;
      draw(child, `${below}${last ? '└─ ' : '├─ '}`, `${below}${last ? '   ' : '│  '}`);
    });
  };
  for (const root of children.get(null) ?? []) draw(root, '', '');
  // spans that name each other as parent have no root, and must not be lost
  for (const span of trace.spans) draw(span, '', '');
  return lines.join('\n');
}

function childrenByParent(spans: Span[]): Map<string | null, Span[]> {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const byStart = spans.toSorted((a, b) => a.startMicros - b.startMicros || a.spanId.localeCompare(b.spanId));
  return Map.groupBy(byStart, ({ parentSpanId }) =>
    parentSpanId !== null && known.has(parentSpanId) ? parentSpanId : null,
  );
}
