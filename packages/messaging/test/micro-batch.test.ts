import { describe, expect, test } from '@jest/globals';
import { MicroBatch } from '../src/consume/micro-batch.ts';

function deferred(): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } {
  return Promise.withResolvers<void>();
}

describe('a micro-batch', () => {
  test('gathers all parts that arrive together, however long each takes to prepare', async () => {
    const batches: (readonly string[])[] = [];
    const microBatch = new MicroBatch<string>(async (parts) => void batches.push(parts));
    const slow = deferred();
    const joined = [
      microBatch.join(async () => 'quick'),
      microBatch.join(async () => {
        await slow.promise;
        return 'slow';
      }),
    ];
    setImmediate(slow.resolve);
    await Promise.all(joined);
    expect(batches).toEqual([['quick', 'slow']]);
  });

  test('starts after the previous batch, with the parts that arrived meanwhile', async () => {
    const batches: (readonly number[])[] = [];
    const first = deferred();
    const started = deferred();
    const microBatch = new MicroBatch<number>(async (parts) => {
      batches.push(parts);
      started.resolve();
      if (batches.length === 1) await first.promise;
    });
    const joined = [microBatch.join(async () => 1)];
    await started.promise;
    joined.push(
      microBatch.join(async () => 2),
      microBatch.join(async () => 3),
    );
    expect(batches).toEqual([[1]]);
    first.resolve();
    await Promise.all(joined);
    expect(batches).toEqual([[1], [2, 3]]);
  });

  test('fails for all its parts, and the next batch continues', async () => {
    const fault = new Error('no database');
    let fails = true;
    const microBatch = new MicroBatch<number>(async () => {
      if (fails) throw fault;
    });
    const joined = [microBatch.join(async () => 1), microBatch.join(async () => 2)];
    expect(await Promise.allSettled(joined)).toEqual([
      { status: 'rejected', reason: fault },
      { status: 'rejected', reason: fault },
    ]);
    fails = false;
    await expect(microBatch.join(async () => 3)).resolves.toBeUndefined();
  });

  test('continues without a part whose preparation failed', async () => {
    const batches: (readonly number[])[] = [];
    const microBatch = new MicroBatch<number>(async (parts) => void batches.push(parts));
    const joined = [
      microBatch.join(async () => 1),
      microBatch.join(() => Promise.reject(new Error('not this one'))),
    ];
    const results = await Promise.allSettled(joined);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(batches).toEqual([[1]]);
  });
});
