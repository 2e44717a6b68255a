import { expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { paced } from '../src/setup/paced.ts';

const items = Array.from({ length: 40 }, (_, at) => at);

test('answers in the order of the items, whichever ends first', async () => {
  const results = await paced(items, { atOnceMax: 8, perSecondMax: 1_000 }, async (item) => {
    await delay(item % 3);
    return item * 2;
  });
  expect(results).toEqual(items.map((item) => item * 2));
});

test('a stall is not caught up with: no stretch of time begins more than was allowed', async () => {
  const begun: number[] = [];
  await paced(items, { atOnceMax: 2, perSecondMax: 100 }, async (item) => {
    begun.push(performance.now());
    // Both workers are held up: 30 items would have been due meanwhile.
    if (item === 3 || item === 4) await delay(300);
  });
  const stretchMs = 100;
  const most = Math.max(
    ...begun.map((from) => begun.filter((at) => at >= from && at < from + stretchMs).length),
  );
  // 10 in 100 ms, and what a late timer moves into it.
  expect(most).toBeLessThanOrEqual(14);
});
