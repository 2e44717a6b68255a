import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { printJson, program, type ExitStatus } from '@tallystick/stack';
import type { GenerateFlags } from './command.ts';
import { ROOT, staleFiles } from './stale-files.ts';

/** Runs `tallystick generate`. */
export const generate = program(async ({ check, json }: GenerateFlags): Promise<ExitStatus> => {
  const stale = await staleFiles();
  if (check !== true)
    for (const [path, content] of stale) {
      mkdirSync(dirname(join(ROOT, path)), { recursive: true });
      writeFileSync(join(ROOT, path), content);
    }
  const paths = [...stale.keys()];
  if (json === true) printJson({ stale: paths, written: check !== true });
  else if (paths.length === 0) process.stdout.write('Every generated file is up to date.\n');
  else
    for (const path of paths)
      process.stdout.write(
        check === true ? `${path} is not up to date: npx tallystick generate\n` : `${path}\n`,
      );
  return check === true && paths.length > 0 ? 1 : 0;
});
