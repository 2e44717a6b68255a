import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { currentContracts, releaseFiles, type Comparison } from '@tallystick/interfaces';
import { printJson, program, SettingError, type ExitStatus } from '@tallystick/stack';
import { format, resolveConfig } from 'prettier';
import type { ReleaseFlags } from './command.ts';
import {
  CHANGELOG,
  compareWith,
  placeOf,
  readContracts,
  RELEASED,
  textOf,
  WAIVERS,
} from './contract-files.ts';

/** Runs `tallystick contracts release`. */
export const release = program(async ({ date, json }: ReleaseFlags): Promise<ExitStatus> => {
  const base = existsSync(placeOf(RELEASED)) ? readContracts(RELEASED) : undefined;
  if (base !== undefined && date < base.date)
    throw new SettingError(`the last release is of ${base.date}: give that day or a later one`);
  const current = currentContracts(date);
  const comparison: Comparison =
    base === undefined ? { breaks: [], waived: [] } : compareWith(base, current, date, WAIVERS);
  if (comparison.breaks.length > 0) {
    if (json === true) printJson({ written: [], ...comparison });
    else process.stdout.write(textOf(comparison, 'any interface'));
    return 1;
  }
  const changelog = existsSync(placeOf(CHANGELOG)) ? readFileSync(placeOf(CHANGELOG), 'utf8') : undefined;
  const files = releaseFiles(base, current, comparison.waived, changelog);
  await writeFormatted(RELEASED, files.contracts);
  await writeFormatted(CHANGELOG, files.changelog);
  writeFileSync(placeOf(WAIVERS), files.waivers);
  const written = [RELEASED, CHANGELOG, WAIVERS];
  if (json === true) printJson({ written, ...comparison });
  else process.stdout.write(written.map((path) => `${path}\n`).join(''));
  return 0;
});

async function writeFormatted(path: string, content: string): Promise<void> {
  const filepath = placeOf(path);
  mkdirSync(dirname(filepath), { recursive: true });
  writeFileSync(filepath, await format(content, { ...(await resolveConfig(filepath)), filepath }));
}
