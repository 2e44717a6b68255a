import { randomInt } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openTarget } from '@tallystick/attack';
import { isEnding, program, say, stopOnExit, type ExitStatus } from '@tallystick/stack';
import { signInAll } from './clients.ts';
import type { FuzzFlags } from './command.ts';
import { fuzzService, installSchemathesis } from './schemathesis.ts';

/** Runs `tallystick fuzz`. */
export const fuzz = program(async (flags: FuzzFlags): Promise<ExitStatus> => {
  const seed = flags.seed ?? randomInt(2 ** 32 - 1);
  say(`Seed ${seed}. To repeat its requests: npx tallystick fuzz --seed ${seed}`);
  const programs = await installSchemathesis();
  const target = await openTarget({ ...flags, tls: false, env: { REQUESTS_PER_SECOND_MAX: '100000' } }, say);
  const clientsFile = resolve(join(flags.directory, 'fuzz-clients.json'));
  const forget = (): void => rmSync(clientsFile, { force: true });
  stopOnExit(async () => forget());
  const failed: string[] = [];
  try {
    mkdirSync(flags.directory, { recursive: true });
    // Auth last: the requests to it may disable the clients that sign in here, whose ids its answers tell.
    const chosen = (['account', 'card', 'payment', 'auth'] as const).filter(
      (name) => flags.only?.includes(name) ?? true,
    );
    for (const service of chosen) {
      // Tokens live shorter than all services take.
      writeFileSync(clientsFile, JSON.stringify(await signInAll(target.stack)), { mode: 0o600 });
      const url = target.stack.services[service]!;
      say(`Fuzzing ${service}`);
      if (!(await fuzzService(programs, { url, clientsFile, examples: flags.examples, seed })))
        failed.push(service);
    }
  } finally {
    forget();
    if (!isEnding()) await target.stop();
  }
  process.stdout.write(
    failed.length === 0
      ? 'Every answer was as documented.\n'
      : `Answers of ${failed.join(', ')} were not as documented: see above.\n`,
  );
  return failed.length === 0 ? 0 : 1;
});
