import { unwatchFile, watchFile } from 'node:fs';

/** How soon a file that was replaced is read, in milliseconds. */
const LOOK_INTERVAL_MS = 2_000;

/** What becomes of what is read. */
export interface Follower<Content> {
  /** Gets what the files hold, the last of what is read last. */
  take: (content: Content) => void;
  /** Hears why what they hold now is not taken. */
  onUnusable: (error: unknown) => void;
}

/** Follows one file, as {@link followFiles} does. @param load gets its path */
export function followFile<Content>(
  path: string,
  load: (path: string) => Promise<Content>,
  follower: Follower<Content>,
): () => void {
  return followFiles([path], () => load(path), follower);
}

/**
 * Reads files now, and again whenever one of them is replaced, as mounted secrets are that rotate. It does not keep the
 * process running.
 * @param load reads them all, and throws where they are of no use; its error must not repeat what they hold
 * @returns what ends it
 */
export function followFiles<Content>(
  paths: readonly string[],
  load: () => Promise<Content>,
  { take, onUnusable }: Follower<Content>,
): () => void {
  let isFollowed = true;
  let reading = Promise.resolve();
  const read = (): void => {
    // One after the other, so that what was there before does not come after what is there now.
    reading = reading.then(load).then(
      (content) => {
        if (isFollowed) take(content);
      },
      (error: unknown) => {
        if (isFollowed) onUnusable(error);
      },
    );
  };
  for (const path of paths) watchFile(path, { interval: LOOK_INTERVAL_MS, persistent: false }, read);
  // They may have been replaced since they were last read.
  read();
  return () => {
    isFollowed = false;
    for (const path of paths) unwatchFile(path, read);
  };
}
