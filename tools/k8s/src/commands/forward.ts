import { program, stopOnExit } from '@tallystick/stack';
import { forwardedPorts, startForwards } from '../cluster/forward.ts';

/** Runs `tallystick k8s forward`, which stays up until a signal. */
export const forward = program(async () => {
  const forwards = await startForwards();
  stopOnExit(() => forwards.stop());
  process.stdout.write(`${forwardedPorts}. Ctrl-C closes them.\n`);
});
