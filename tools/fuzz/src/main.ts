import { randomInt } from 'node:crypto';
import { openTarget, openWorld } from '@tallystick/attack';
import { isEnding, program, say, SettingError, type ExitStatus } from '@tallystick/stack';
import type { FuzzFlags } from './command.ts';
import { fuzzHttp } from './fuzz-http.ts';
import { fuzzMessages } from './messages/fuzz-messages.ts';
import { textOf } from './messages/report.ts';
import { installSchemathesis } from './schemathesis.ts';

/** Runs `tallystick fuzz`. */
export const fuzz = program(async (flags: FuzzFlags): Promise<ExitStatus> => {
  if (flags.http === true && flags.messages === true)
    throw new SettingError('--http and --messages exclude each other: without both, everything is fuzzed.');
  const seed = flags.seed ?? randomInt(2 ** 32 - 1);
  say(`Seed ${seed}. To repeat its requests and messages: npx tallystick fuzz --seed ${seed}`);
  const programs = flags.messages === true ? undefined : await installSchemathesis();
  const target = await openTarget({ ...flags, tls: false, env: { REQUESTS_PER_SECOND_MAX: '100000' } }, say);
  const { examples, only } = flags;
  let failed = 0;
  try {
    if (flags.http !== true) {
      say('Signing people in and opening accounts');
      const { world, close } = await openWorld(target.stack, target.restart);
      try {
        const report = await fuzzMessages(world, { examples, seed, only }, say);
        process.stdout.write(textOf(report));
        failed += report.faults.length;
      } finally {
        await close();
      }
    }
    if (programs !== undefined) {
      const services = await fuzzHttp(target.stack, { ...flags, programs, seed });
      process.stdout.write(
        services.length === 0
          ? 'Every answer was as documented.\n'
          : `Answers of ${services.join(', ')} were not as documented: see above.\n`,
      );
      failed += services.length;
    }
  } finally {
    if (!isEnding()) await target.stop();
  }
  return failed === 0 ? 0 : 1;
});
