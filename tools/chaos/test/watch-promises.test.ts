import { describe, expect, test } from '@jest/globals';
import { until } from '@tallystick/stack';
import { watchPromises } from '../src/watch-promises.ts';
import type { WatchedPromise } from '../src/watched/watched-promise.ts';
import type { World } from '../src/world.ts';

/**
 * Watches until the promise was checked this often. Each check gives its result in turn, later ones the last result.
 */
async function watched(looks: (() => Promise<string[] | undefined>)[], lookMsMax?: number) {
  const reported: string[] = [];
  let count = 0;
  const one: WatchedPromise = {
    name: 'all is well',
    everyMs: 1,
    look: () => looks[Math.min(count++, looks.length - 1)]!(),
  };
  const world = { say: (line: string) => reported.push(line) } as unknown as World;
  const watching = watchPromises(world, [one], lookMsMax);
  expect(await until(() => count > looks.length, 5_000, 1)).toBe(true);
  const [result] = await watching.stop();
  return { ...result!, reported };
}

const well = async () => [];
const away = async () => undefined;

describe('a promise that is watched while faults run', () => {
  test('holds if no check found an objection', async () => {
    const { held, looks, reported } = await watched([well, away, well]);
    expect({ held, reported }).toEqual({ held: true, reported: [] });
    expect(looks.seen).toBeGreaterThanOrEqual(2);
    expect(looks.missed).toBe(1);
  });

  test('is broken for good by one check, which is reported at once', async () => {
    const { held, detail, reported } = await watched([well, async () => ['the sum is 5'], well]);
    expect(held).toBe(false);
    expect(detail).toMatch(/^at \d+\.\d s the sum is 5$/);
    expect(reported).toEqual([expect.stringMatching(/BROKEN: all is well: the sum is 5$/)]);
  });

  test('is not broken by a check that a fault prevented', async () => {
    const { held, looks } = await watched([
      async () => {
        throw new Error('connection refused');
      },
      well,
    ]);
    expect(held).toBe(true);
    expect(looks.missed).toBe(1);
  });

  test('does not hold if no check succeeded', async () => {
    const { held, detail } = await watched([
      async () => {
        throw new Error('connection refused');
      },
    ]);
    expect({ held, detail }).toEqual({
      held: false,
      detail: 'was never checked: Error: connection refused',
    });
  });

  test('is checked again if a check hangs', async () => {
    const { held, looks } = await watched([() => new Promise(() => {}), well], 20);
    expect({ held, missed: looks.missed }).toEqual({ held: true, missed: 1 });
  });
});
