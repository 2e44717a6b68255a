import { unwatchFile, watchFile } from 'node:fs';

/** How soon a file that was replaced is read, in milliseconds. */
const LOOK_INTERVAL_MS = 2_000;

/**
 * Reads a file now, and again whenever it is replaced, as a mounted secret is that rotates. It does not keep the process
 * running.
 * @param load reads it, and throws where it is of no use; its error must not repeat what the file holds
 * @param options.take gets what it holds, the last of what is read last
 * @param options.onUnusable hears why what it holds now is not taken
 * @returns what ends it
 */
export function followFile<Content>(
  path: string,
  load: (path: string) => Promise<Content>,
  options: { take: (content: Content) => void; onUnusable: (error: unknown) => void },
): () => void {
  let isFollowed = true;
  let reading = Promise.resolve();
  const read = (): void => {
    // One after the other, so that what was there before does not come after what is there now.
    reading = reading
      .then(() => load(path))
      .then(
        (content) => {
          if (isFollowed) options.take(content);
        },
        (error: unknown) => {
          if (isFollowed) options.onUnusable(error);
        },
      );
  };
  watchFile(path, { interval: LOOK_INTERVAL_MS, persistent: false }, read);
  // It may have been replaced since it was last read.
  read();
  return () => {
    isFollowed = false;
    unwatchFile(path, read);
  };
}
