import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { currentContracts, releaseFiles, type Comparison } from '@tallystick/interfaces';
import { printJson, program, SettingError, type ExitStatus } from '@tallystick/stack';
import { format, resolveConfig } from 'prettier';
import type { ReleaseFlags } from './command.ts';
import { ROOT } from '../generate/stale-files.ts';
import { CHANGELOG, compareWith, readLastRelease, RELEASED, textOf, WAIVERS } from './contract-files.ts';

/** Runs `tallystick contracts release`. */
export const release = program(
  async ({ date, directory = ROOT, json }: ReleaseFlags): Promise<ExitStatus> => {
    const place = (path: string): string => join(directory, path);
    const base = existsSync(place(RELEASED)) ? readLastRelease(place(RELEASED)) : undefined;
    if (base !== undefined && date < base.date)
      throw new SettingError(`the last release is of ${base.date}: give that day or a later one`);
    const current = currentContracts(date);
    const comparison: Comparison =
      base === undefined ? { breaks: [], waived: [] } : compareWith(base, current, date, place(WAIVERS));
    if (comparison.breaks.length > 0) {
      if (json === true) printJson({ written: [], ...comparison });
      else process.stdout.write(textOf(comparison, 'any interface'));
      return 1;
    }
    const changelog = existsSync(place(CHANGELOG)) ? readFileSync(place(CHANGELOG), 'utf8') : undefined;
    const files = releaseFiles(base, current, comparison.waived, changelog);
    await write(place(RELEASED), await formatted(RELEASED, files.contracts));
    await write(place(CHANGELOG), await formatted(CHANGELOG, files.changelog));
    await write(place(WAIVERS), files.waivers);
    const written = [RELEASED, CHANGELOG, WAIVERS];
    if (json === true) printJson({ written, ...comparison });
    else process.stdout.write(written.map((path) => `${path}\n`).join(''));
    return 0;
  },
);

/** Formats a file as the checkout's check wants it. */
async function formatted(path: string, content: string): Promise<string> {
  const filepath = join(ROOT, path);
  return format(content, { ...(await resolveConfig(filepath)), filepath });
}

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
