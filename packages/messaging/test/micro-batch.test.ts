import { describe, expect, test } from '@jest/globals';
import { MicroBatch } from '../src/consume/micro-batch.ts';

function deferred(): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } {
  return Promise.withResolvers<void>();
}

describe('a round', () => {
  test('takes all that comes at once, however long each takes to be made', async () => {
    const rounds: (readonly string[])[] = [];
    const round = new MicroBatch<string>(async (parts) => void rounds.push(parts));
    const slow = deferred();
    const joined = [
      round.join(async () => 'quick'),
      round.join(async () => {
        await slow.promise;
        return 'slow';
      }),
    ];
    setImmediate(slow.resolve);
    await Promise.all(joined);
    expect(rounds).toEqual([['quick', 'slow']]);
  });

  test('begins after the one before it, and takes what came meanwhile', async () => {
    const rounds: (readonly number[])[] = [];
    const first = deferred();
    const begun = deferred();
    const round = new MicroBatch<number>(async (parts) => {
      rounds.push(parts);
      begun.resolve();
      if (rounds.length === 1) await first.promise;
    });
    const joined = [round.join(async () => 1)];
    await begun.promise;
    joined.push(
      round.join(async () => 2),
      round.join(async () => 3),
    );
    expect(rounds).toEqual([[1]]);
    first.resolve();
    await Promise.all(joined);
    expect(rounds).toEqual([[1], [2, 3]]);
  });

  test('that fails, fails for all of it, and the next goes on', async () => {
    const fault = new Error('no database');
    let fails = true;
    const round = new MicroBatch<number>(async () => {
      if (fails) throw fault;
    });
    const joined = [round.join(async () => 1), round.join(async () => 2)];
    expect(await Promise.allSettled(joined)).toEqual([
      { status: 'rejected', reason: fault },
      { status: 'rejected', reason: fault },
    ]);
    fails = false;
    await expect(round.join(async () => 3)).resolves.toBeUndefined();
  });

  test('goes on without a part that could not be made', async () => {
    const rounds: (readonly number[])[] = [];
    const round = new MicroBatch<number>(async (parts) => void rounds.push(parts));
    const joined = [round.join(async () => 1), round.join(() => Promise.reject(new Error('not this one')))];
    const results = await Promise.allSettled(joined);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(rounds).toEqual([[1]]);
  });
});
