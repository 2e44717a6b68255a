import { describe, expect, test } from '@jest/globals';
import { SharedStatements } from '../src/shared-statements.ts';

/** Doubles numbers, and keeps the batches in which they came; it fails for a batch with a negative one. */
function doubling(): { statements: SharedStatements<number, number>; batches: number[][] } {
  const batches: number[][] = [];
  const statements = new SharedStatements<number, number>(async (items) => {
    batches.push([...items]);
    await new Promise((resolve) => setImmediate(resolve));
    if (items.some((item) => item < 0)) throw new Error('the statement failed');
    return items.map((item) => 2 * item);
  });
  return { statements, batches };
}

describe('requests that share statements', () => {
  test('share one in the same turn of the event loop, each with its own result', async () => {
    const { statements, batches } = doubling();
    expect(await Promise.all([1, 2, 3].map((item) => statements.add(item)))).toEqual([2, 4, 6]);
    expect(batches).toEqual([[1, 2, 3]]);
  });

  test('share the next one if they arrive while a statement runs', async () => {
    const { statements, batches } = doubling();
    const first = statements.add(1);
    while (batches.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(await Promise.all([first, statements.add(2), statements.add(3)])).toEqual([2, 4, 6]);
    expect(batches).toEqual([[1], [2, 3]]);
  });

  test('fail with their statement, and not with an earlier one', async () => {
    const { statements } = doubling();
    await expect(Promise.all([statements.add(1), statements.add(-1)])).rejects.toThrow(
      'the statement failed',
    );
    expect(await statements.add(4)).toBe(8);
  });
});
