import { setTimeout as delay } from 'node:timers/promises';
import { followFiles } from '@tallystick/config';
import { loadKeys, type KeyFiles, type Keys } from './keys.ts';

/** After a failure, such as a database that does not answer. */
const RETRY_INTERVAL_MS = 2_000;

/**
 * Follows the files of this service's keys, which may be replaced while it runs.
 * @param options.take makes what they hold the keys in use; it is asked again until it succeeds, or they hold something
 *   else
 * @param options.onFailure hears why what they hold is not in use now
 * @returns what ends it
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
  // Whichever is replaced, all are read: the registrar's key and its certificate count together.
  const stop = followFiles(
    [
      files.TOKEN_KEY_FILE,
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
