import { describe, expect, test } from '@jest/globals';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { QueryValues } from '../src/query-values.ts';

/** Records one span with this attribute. @returns the exported value */
function exported(name: string, value: string): unknown {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    spanProcessors: [new QueryValues(), new SimpleSpanProcessor({ exporter })],
  });
  provider
    .getTracer('test')
    .startSpan('GET', { attributes: { [name]: value } })
    .end();
  return exporter.getFinishedSpans()[0]?.attributes[name];
}

describe('a span of HTTP', () => {
  test.each([
    [
      'url.full',
      'http://a.example/x?state=s1&login_hint=ada%40example.com',
      'http://a.example/x?state=REDACTED&login_hint=REDACTED',
    ],
    ['url.full', 'http://a.example/x', 'http://a.example/x'],
    ['url.full', 'http://a.example/x#access_token=t', 'http://a.example/x'],
    ['url.query', '?id_token_hint=ey.ey.sig==', '?id_token_hint=REDACTED'],
    ['url.query', 'code=c&bare-secret&state=a?b', 'code=REDACTED&REDACTED&state=REDACTED'],
    ['url.query', '', ''],
    ['http.target', '/oauth/authorize?code=c', '/oauth/authorize?code=REDACTED'],
    ['url.path', '/v1/accounts', '/v1/accounts'],
  ])('keeps no value of a query in %s: %s', (name, given, kept) => {
    expect(exported(name, given)).toBe(kept);
  });
});
