import { proposeCompletions, run } from '@stricli/core';
import { application } from './application.ts';
import { exitStatusOf } from './exit-status.ts';

/** The first argument by which a shell asks for completions of the others. */
const COMPLETE = '__complete';

const [first, ...rest] = process.argv.slice(2);
if (first === COMPLETE) {
  const proposed = await proposeCompletions(application, rest, { process });
  for (const { completion } of proposed) process.stdout.write(`${completion}\n`);
} else {
  await run(application, process.argv.slice(2), { process });
  process.exitCode = exitStatusOf(process.exitCode);
}
