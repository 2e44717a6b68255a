import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';

import { fetchTrace } from '../src/index.ts';
import { startTraceSink, type TraceSink } from '../src/traces/trace-sink.ts';

const traceIdOf = (at: number): string => String(at).padStart(32, '0');

let sink: TraceSink;
beforeAll(async () => {
  sink = await startTraceSink(3);
});
afterAll(() => sink.stop());

function exported(traceId: string, spanIds: readonly string[]): string {
  const spans = spanIds.map((spanId) => ({
    traceId,
    spanId: spanId.padStart(16, '0'),
    name: 'pay',
    startTimeUnixNano: '1700000000000000000',
    endTimeUnixNano: '1700000000002500000',
  }));
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'payment' } }] };
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
}

async function post(body: string | Buffer, headers: Record<string, string> = {}): Promise<number> {
  const all = { 'content-type': 'application/json', ...headers };
  return (
    await fetch(`${sink.url}/v1/traces`, {
      method: 'POST',
      headers: all,
      body: new Uint8Array(Buffer.from(body)),
    })
  ).status;
}

describe('the trace sink', () => {
  test('joins the spans of a trace from several exports, gzipped or not', async () => {
    await post(exported(traceIdOf(1), ['a', 'b']));
    await post(gzipSync(exported(traceIdOf(1), ['c'])), { 'content-encoding': 'gzip' });
    const trace = await fetchTrace(sink.url, traceIdOf(1));
    expect(trace?.spans.map(({ service, spanId }) => `${service} ${spanId}`)).toEqual(
      ['a', 'b', 'c'].map((id) => `payment ${id.padStart(16, '0')}`),
    );
  });

  test('drops the oldest trace if it is full', async () => {
    for (const at of [11, 12, 13, 14]) await post(exported(traceIdOf(at), ['a']));
    expect(await fetchTrace(sink.url, traceIdOf(11))).toBeNull();
    expect((await fetchTrace(sink.url, traceIdOf(14)))?.spans).toHaveLength(1);
  });

  test.each([
    ['text that is not JSON', 'x', {}, 400],
    ['JSON of another form', '{"resourceSpans": 1}', {}, 400],
    ['another media type', '{}', { 'content-type': 'application/x-protobuf' }, 415],
    ['broken gzip', '{}', { 'content-encoding': 'gzip' }, 400],
  ])('refuses %s', async (_name, body, headers, status) => {
    expect(await post(body, headers)).toBe(status);
  });
});
