import { stopOnExit } from '@tallystick/stack';

/**
 * Has this process end by a signal (Ctrl-C) even where nothing else has to be stopped.
 * @returns tells whether one came: what is stopped by it fails under the hands of what uses it, and that is no fault to tell
 */
export function watchForSignals(): () => boolean {
  let interrupted = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => (interrupted = true));
  stopOnExit(async () => {});
  return () => interrupted;
}
