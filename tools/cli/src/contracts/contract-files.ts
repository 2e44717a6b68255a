import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  breakText,
  compareContracts,
  ContractsInputError,
  parseContracts,
  parseWaivers,
  type Comparison,
  type Contracts,
} from '@tallystick/interfaces';
import { SettingError } from '@tallystick/stack';
import { ROOT } from '../generate/stale-files.ts';

/** Files of a release, in the checkout. */
export const RELEASED = 'packages/interfaces/released/contracts.json';
export const WAIVERS = 'packages/interfaces/released/waivers.txt';
export const CHANGELOG = 'docs/interfaces/changelog.md';

/**
 * Reads the contracts of the last release.
 * @throws SettingError if there is none, or the file holds no contracts
 */
export function readLastRelease(path: string): Contracts {
  const missing = `there is no last release in ${path}: restore the file from git, or write the first one with npx tallystick contracts release --date <day>`;
  return judged(() => parseContracts(readText(path, missing), path));
}

/**
 * Reads the contracts in a file.
 * @throws SettingError if the file is missing or holds no contracts
 */
export function readContracts(path: string): Contracts {
  return judged(() =>
    parseContracts(readText(path, `${path} cannot be read: name a file of contracts`), path),
  );
}

/**
 * Compares contracts with those of the last release.
 * @param waiversPath the file of waivers; if it is missing, nothing is waived
 * @throws SettingError for input that cannot be judged
 */
export function compareWith(
  base: Contracts,
  current: Contracts,
  on: string,
  waiversPath: string,
): Comparison {
  return judged(() => {
    const text = existsSync(placeOf(waiversPath))
      ? readText(waiversPath, `${waiversPath} cannot be read: name a file of waivers`)
      : '';
    return compareContracts(base, current, on, parseWaivers(text, base, current));
  });
}

/** Writes a comparison for people: each break in a paragraph. */
export function textOf({ breaks, waived }: Comparison, names: string): string {
  const ending =
    breaks.length === 0
      ? `No breaking change of ${names} since the last release${waived.length === 0 ? '' : `, beside ${waived.length} waived`}.\n`
      : `${breaks.length} breaking ${breaks.length === 1 ? 'change' : 'changes'} since the last release.\n`;
  return [...breaks.map(breakText), ending].join('\n');
}

/** Returns the place of a file: in the checkout by default, or as given. */
function placeOf(path: string): string {
  return [RELEASED, WAIVERS].includes(path) ? join(ROOT, path) : resolve(path);
}

function readText(path: string, missing: string): string {
  try {
    return readFileSync(placeOf(path), 'utf8');
  } catch (cause) {
    throw new SettingError(missing, { cause });
  }
}

/** Runs work whose faults of input end the command with status 2. */
function judged<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ContractsInputError) throw new SettingError(error.message, { cause: error });
    throw error;
  }
}
