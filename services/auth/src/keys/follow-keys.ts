import { setTimeout as delay } from 'node:timers/promises';
import { followFiles } from '@tallystick/config';
import { loadKeys, type KeyFiles, type Keys } from './keys.ts';

/** Interval of retries after a failure, such as an unavailable database. */
const RETRY_INTERVAL_MS = 2_000;

/**
 * Follows the files of this service's keys, which may be replaced at run time.
 * @param options.take puts new keys into use; it is retried until it succeeds or the files change again
 * @param options.onFailure takes the reason for which the current keys are not in use
 * @returns a function that stops following
 */
export function followKeys(
  files: KeyFiles,
  options: { take: (keys: Keys) => Promise<void>; onFailure: (error: unknown) => void },
): () => void {
  let newest: Keys | undefined;
  let isFollowed = true;
  let taking = Promise.resolve();
  const isWanted = (keys: Keys): boolean => isFollowed && keys === newest;
  const takeUntilDone = async (keys: Keys): Promise<void> => {
    while (isWanted(keys)) {
      try {
        await options.take(keys);
        return;
      } catch (error) {
        options.onFailure(error);
        await delay(RETRY_INTERVAL_MS, undefined, { ref: false });
      }
    }
  };
  // All files are read when one is replaced: the registrar's key and its certificate must match.
  const stop = followFiles(
    [
      files.TOKEN_KEY_FILE,
      files.SIGNING_KEY_FILE,
      files.REGISTRAR_KEY_FILE,
      files.REGISTRAR_CERTIFICATE_FILE,
      files.COOKIE_KEYS_FILE,
    ],
    () => loadKeys(files),
    {
      take: (keys) => {
        newest = keys;
        taking = taking.then(() => takeUntilDone(keys));
      },
      onUnusable: options.onFailure,
    },
  );
  return () => {
    isFollowed = false;
    stop();
  };
}
