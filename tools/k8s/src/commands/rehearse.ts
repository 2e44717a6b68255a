import { printJson, program, say, type ExitStatus } from '@tallystick/stack';
import { rehearse } from '../cluster/rehearse.ts';
import type { RehearseFlags } from '../command.ts';

/** Runs `tallystick k8s rehearse`. */
export const rehearseOnCluster = program(async (flags: RehearseFlags): Promise<ExitStatus> => {
  const result = await rehearse(flags, say);
  if (flags.json === true) printJson(result);
  else for (const line of result.lines) process.stdout.write(`${line}\n`);
  return result.held ? 0 : 1;
});
