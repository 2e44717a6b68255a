import type { Span, SpanProcessor } from '@opentelemetry/sdk-trace';

const URL_ATTRIBUTES = ['url.full', 'url.path', 'url.query', 'http.url', 'http.target'];
/** The library of HTTP spans uses the same word. */
const REDACTED = 'REDACTED';
/** An id of this system, which may have as many digits as a card number. */
const ID = /^[a-z]{3}_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Digits of the shortest card number. */
const NUMBER_DIGITS_MIN = 12;

/**
 * Replaces each value of a query string in a span of HTTP, and keeps its name. A query holds e-mail addresses, states,
 * codes and tokens; anyone who may read traces would read them. In a path it replaces each segment that may hold a card
 * number, in whatever form: one with so many digits that is no id.
 */
export class QueryValues implements SpanProcessor {
  onStart(span: Span): void {
    for (const name of URL_ATTRIBUTES) {
      const value = span.attributes[name];
      if (typeof value === 'string') span.setAttribute(name, redacted(value, name));
    }
  }

  onEnd(): void {}

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}

function redacted(url: string, attribute: string): string {
  const kept = attribute === 'url.path' ? url : withoutQueryValues(url, attribute === 'url.query');
  const pathStart = /^\w+:\/\/[^/]*/.exec(kept)?.[0].length ?? 0;
  const segments = kept.slice(pathStart).split('/');
  return (
    kept.slice(0, pathStart) +
    segments.map((segment) => (mayHoldNumber(segment) ? REDACTED : segment)).join('/')
  );
}

function mayHoldNumber(segment: string): boolean {
  const [name = ''] = segment.split('?', 1);
  return name.replaceAll(/\D/g, '').length >= NUMBER_DIGITS_MIN && !ID.test(name);
}

function withoutQueryValues(url: string, isQuery: boolean): string {
  const start = isQuery ? 0 : url.indexOf('?');
  if (start < 0) return url.replace(/#.*/s, '');
  const marked = isQuery && !url.startsWith('?') ? url : url.slice(start + 1);
  const names = marked
    .replace(/#.*/s, '')
    .split('&')
    .filter(Boolean)
    .map((pair) => (pair.includes('=') ? `${pair.slice(0, pair.indexOf('='))}=${REDACTED}` : REDACTED));
  return url.slice(0, url.length - marked.length) + names.join('&');
}
