import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { coreServices } from '@tallystick/contracts';
import type { Part } from '../system/processes.ts';
import { hottest, mostAllocating, type HotFunction } from './hottest.ts';
import { profileProcess } from './inspector.ts';

export const PROFILE_S = 8;
const SHOWN = 25;

/** Profiles each service in turn under load, and prints the functions that use time and memory. */
export async function profileServices(
  parts: readonly Part[],
  directory: string,
  say: (line: string) => void,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const { name, pid } of parts) {
    if (pid === null || name === 'auth' || !coreServices.some((service) => service === name)) continue;
    const { time, allocations } = await profileProcess(pid, PROFILE_S);
    const file = join(directory, name);
    await writeFile(`${file}.cpuprofile`, JSON.stringify(time));
    await writeFile(`${file}.heapprofile`, JSON.stringify(allocations));
    const { busy, functions } = hottest(time, SHOWN);
    say(`${name}: busy ${(busy * 100).toFixed(0)} % of the time; ${file}.cpuprofile`);
    tell(functions, say);
    const { bytes, functions: allocating } = mostAllocating(allocations, SHOWN);
    say(`${name}: ${(bytes / PROFILE_S / 1e6).toFixed(1)} MB allocated per second; ${file}.heapprofile`);
    tell(allocating, say);
  }
}

function tell(functions: readonly HotFunction[], say: (line: string) => void): void {
  for (const { where, share } of functions) say(`  ${(share * 100).toFixed(1).padStart(5)} %  ${where}`);
}
