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
    [
      'http.target',
      '/v1/cards/crd_01890123-4567-7890-8123-456789012345/authorizations?limit=5',
      '/v1/cards/crd_01890123-4567-7890-8123-456789012345/authorizations?limit=REDACTED',
    ],
    ['http.target', '/v1/cards/4111111111111111?limit=5', '/v1/cards/REDACTED'],
    ['url.path', '/v1/cards/4111%201111%201111%201111/authorizations', '/v1/cards/REDACTED/authorizations'],
    [
      'url.full',
      'http://192.168.100.200:8083/v1/cards/crd_4111111111111111',
      'http://192.168.100.200:8083/v1/cards/REDACTED',
    ],
  ])('keeps no value of a query and no card number in %s: %s', (name, given, kept) => {
    expect(exported(name, given)).toBe(kept);
  });
});
