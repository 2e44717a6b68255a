import { expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { paced } from '../src/setup/paced.ts';

const items = Array.from({ length: 40 }, (_, at) => at);

test('returns results in the order of the items, whichever ends first', async () => {
  const results = await paced(items, { atOnceMax: 8, perSecondMax: 1_000 }, async (item) => {
    await delay(item % 3);
    return item * 2;
  });
  expect(results).toEqual(items.map((item) => item * 2));
});

test('does not make up for a stall: no interval exceeds the allowed rate', async () => {
  const started: number[] = [];
  await paced(items, { atOnceMax: 2, perSecondMax: 100 }, async (item) => {
    started.push(performance.now());
    // Both workers stall: 30 items would have become due meanwhile.
    if (item === 3 || item === 4) await delay(300);
  });
  const stretchMs = 100;
  const most = Math.max(
    ...started.map((from) => started.filter((at) => at >= from && at < from + stretchMs).length),
  );
  // 10 in 100 ms, plus those that a late timer shifts into the interval.
  expect(most).toBeLessThanOrEqual(14);
});
