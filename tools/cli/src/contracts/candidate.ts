import { execFile } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import {
  ContractsInputError,
  contractsOf,
  parseDeclaredContracts,
  type DeclaredContracts,
} from '@tallystick/interfaces';
import { messageOf, PrerequisiteError, SettingError } from '@tallystick/stack/errors.ts';
import { sourceFlags } from '@tallystick/stack/source-flags.ts';
import type { Candidate } from './command.ts';

const run = promisify(execFile);
const THIS_CHECKOUT = realpathSync(join(import.meta.dirname, '../../../..'));
/** Bytes of the contracts that a service prints. */
const PRINTED_MAX = 16 * 1_048_576;
/** Written at the build of an image, by the service itself. */
const CONTRACTS_IN_IMAGE = '/app/contracts.json';

/**
 * Reads the contracts of a release: from its service, which prints them, or from its image, which has them in a file. Those
 * of this checkout are in this process.
 * @throws SettingError if there is no such release, or it prints no contracts of that service
 */
export async function readCandidate({ service, place }: Candidate): Promise<DeclaredContracts> {
  if (existsSync(place) && realpathSync(place) === THIS_CHECKOUT) return contractsOf(service);
  const contracts = parsed(await textOf({ service, place }), place);
  if (contracts.service === service) return contracts;
  throw new SettingError(`${place} holds the contracts of ${contracts.service}, not of ${service}`);
}

async function textOf({ service, place }: Candidate): Promise<string> {
  if (!existsSync(place)) return inImage(place);
  if (statSync(place).isFile()) return readFileSync(place, 'utf8');
  const mains = [`services/${service}/src/main.ts`, `services/${service}/dist/main.js`].map((path) =>
    resolve(join(place, path)),
  );
  const main = mains.find((path) => existsSync(path));
  if (main === undefined)
    throw new SettingError(
      `${place} holds no ${service} service: name a checkout, a folder of a built one, or an image`,
    );
  return printed(main, place);
}

async function inImage(image: string): Promise<string> {
  const { readImageFile } = await import('@tallystick/images/image-file.ts');
  try {
    return await readImageFile(image, CONTRACTS_IN_IMAGE);
  } catch (cause) {
    if (cause instanceof PrerequisiteError) throw cause;
    throw new SettingError(
      `${image} is neither a folder nor a file, and no image of a service: ${messageOf(cause)}`,
      {
        cause,
      },
    );
  }
}

async function printed(main: string, place: string): Promise<string> {
  try {
    const { stdout } = await run(process.execPath, [...sourceFlags, main, '--contracts'], {
      maxBuffer: PRINTED_MAX,
    });
    return stdout;
  } catch (cause) {
    const { stderr = '' } = cause as { stderr?: string };
    const [line = String(cause)] = stderr.trim().split('\n').slice(-1);
    throw new SettingError(`${place} does not tell its contracts: ${line}`, { cause });
  }
}

function parsed(text: string, place: string): DeclaredContracts {
  try {
    return parseDeclaredContracts(text, place);
  } catch (error) {
    if (error instanceof ContractsInputError) throw new SettingError(error.message, { cause: error });
    throw error;
  }
}
