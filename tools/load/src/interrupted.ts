import { stopOnExit } from '@tallystick/stack';

/**
 * Lets this process end by a signal (Ctrl-C) even if no other part needs a stop.
 * @returns a function that returns whether a signal came: errors of the shutdown are then not reported
 */
export function watchForSignals(): () => boolean {
  let interrupted = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => (interrupted = true));
  stopOnExit(async () => {});
  return () => interrupted;
}
