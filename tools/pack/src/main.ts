import { resolve } from 'node:path';
import { printJson, program, say, type ExitStatus } from '@tallystick/stack';
import type { PackFlags } from './command.ts';
import { packPackage } from './pack-package.ts';
import { packedNames, type PackedName } from './packages.ts';

/** Runs `tallystick pack`. */
export const pack = program(async (flags: PackFlags, ...names: PackedName[]): Promise<ExitStatus> => {
  const { to, json, acceptApi: acceptsApi = false } = flags;
  const tarballs: Record<string, string> = {};
  for (const name of names.length === 0 ? packedNames : names) {
    say(`packing ${name}`);
    tarballs[name] = await packPackage(name, resolve(to), { acceptsApi });
    if (json !== true) process.stdout.write(`${tarballs[name]}\n`);
  }
  if (json === true) printJson({ tarballs });
  return 0;
});
