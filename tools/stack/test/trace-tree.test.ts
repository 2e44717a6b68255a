import { describe, expect, test } from '@jest/globals';

import { formatTraceTree, type Span } from '../src/index.ts';

const traceId = '1'.padStart(32, '0');

function span(
  spanId: string,
  parentSpanId: string | null,
  startMicros: number,
  more: Partial<Span> = {},
): Span {
  return {
    spanId,
    parentSpanId,
    service: 'payment',
    name: `step ${spanId}`,
    startMicros,
    durationMicros: 1_500,
    error: false,
    ...more,
  };
}

describe('the tree of a trace', () => {
  test('orders siblings by start, marks errors, and keeps orphans at the root', () => {
    const spans = [
      span('d', 'lost', 40),
      span('c', 'a', 30, { service: 'account', error: true }),
      span('b', 'a', 20),
      span('e', 'b', 25, { durationMicros: 90 }),
      span('a', null, 10),
    ];
    expect(formatTraceTree({ traceId, spans }, { colour: false }).split('\n')).toEqual([
      'payment step a 1.5 ms',
      '├─ payment step b 1.5 ms',
      '│  └─ payment step e 0.1 ms',
      '└─ account step c 1.5 ms ✗ error',
      'payment step d 1.5 ms',
    ]);
  });

  test('is coloured only on request', () => {
    const trace = { traceId, spans: [span('a', null, 10, { error: true })] };
    expect(formatTraceTree(trace, { colour: true })).toContain('\u001b[31m');
    expect(formatTraceTree(trace, { colour: false })).not.toContain('\u001b');
  });

  test('contains every span once, even if spans name each other as parent', () => {
    const spans = [span('a', 'b', 1), span('b', 'a', 2), span('c', 'c', 3)];
    expect(formatTraceTree({ traceId, spans }, { colour: false }).split('\n')).toHaveLength(3);
  });
});
