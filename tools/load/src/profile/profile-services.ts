import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { services } from '@tallystick/contracts';
import type { Part } from '../system/processes.ts';
import { hottest } from './hottest.ts';
import { profileProcess } from './inspector.ts';

export const PROFILE_S = 8;
const SHOWN = 25;

/** Profiles each service in turn while the load goes on, and tells where the time goes. */
export async function profileServices(
  parts: readonly Part[],
  directory: string,
  say: (line: string) => void,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const { name, pid } of parts) {
    if (pid === null || name === 'auth' || !services.some((service) => service === name)) continue;
    const profile = await profileProcess(pid, PROFILE_S);
    const file = join(directory, `${name}.cpuprofile`);
    await writeFile(file, JSON.stringify(profile));
    const { busy, functions } = hottest(profile, SHOWN);
    say(`${name}: busy ${(busy * 100).toFixed(0)} % of the time; ${file}`);
    for (const { where, share } of functions) say(`  ${(share * 100).toFixed(1).padStart(5)} %  ${where}`);
  }
}
