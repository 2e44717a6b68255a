import type { Span, SpanProcessor } from '@opentelemetry/sdk-trace';

const URL_ATTRIBUTES = ['url.full', 'url.query', 'http.url', 'http.target'];
/** The library of HTTP spans uses the same word. */
const REDACTED = 'REDACTED';

/**
 * Replaces each value of a query string in a span of HTTP, and keeps its name. A query holds e-mail addresses, states,
 * codes and tokens; anyone who may read traces would read them.
 */
export class QueryValues implements SpanProcessor {
  onStart(span: Span): void {
    for (const name of URL_ATTRIBUTES) {
      const value = span.attributes[name];
      if (typeof value === 'string') span.setAttribute(name, withoutQueryValues(value, name === 'url.query'));
    }
  }

  onEnd(): void {}

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
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
