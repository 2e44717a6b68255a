import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { SmallDisk } from '../src/faults/small-disk.ts';

let home: string;
let data: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'tallystick-test-'));
  data = join(home, 'data');
  await mkdir(data);
  await writeFile(join(data, 'before'), 'x');
});
afterEach(() => rm(home, { recursive: true }));

/** Mounts a disk; `undefined` if this machine does not permit it, which the error must say. */
async function mounted(): Promise<SmallDisk | undefined> {
  try {
    return await SmallDisk.mount(data, 4);
  } catch (error) {
    expect((error as Error).message).toMatch(/requires Linux and root/);
    expect(await readdir(home)).toEqual(['data']);
    return undefined;
  }
}

test('a small disk runs full, has free space again, and returns its directory', async () => {
  const disk = await mounted();
  if (disk === undefined) return;
  try {
    await disk.moveIn(data);
    await disk.fill(0);
    await expect(writeFile(join(data, 'meanwhile'), Buffer.alloc(8_192))).rejects.toThrow(/ENOSPC/);
    await disk.fill(16 * 1_024);
    await writeFile(join(data, 'meanwhile'), Buffer.alloc(8_192));
    await disk.empty();
    await writeFile(join(data, 'after'), Buffer.alloc(1_048_576));
    await disk.moveOut(data);
  } finally {
    await disk.unmount();
  }
  expect((await readdir(data)).toSorted()).toEqual(['after', 'before', 'meanwhile']);
  expect(await readFile(join(data, 'before'), 'utf8')).toBe('x');
  expect(await readdir(home)).toEqual(['data']);
});
