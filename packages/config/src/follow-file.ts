import { unwatchFile, watchFile } from 'node:fs';

/** Interval at which files are checked for a replacement. */
const LOOK_INTERVAL_MS = 2_000;

/** Callbacks of a followed file. */
export interface Follower<Content> {
  /** Takes the content of the files; the last call has the latest content. */
  take: (content: Content) => void;
  /** Takes the reason for which the current content is unusable. */
  onUnusable: (error: unknown) => void;
}

/** Follows one file, as {@link followFiles} does. @param load reads the file at the given path */
export function followFile<Content>(
  path: string,
  load: (path: string) => Promise<Content>,
  follower: Follower<Content>,
): () => void {
  return followFiles([path], () => load(path), follower);
}

/**
 * Reads files now and again when one of them is replaced, as mounted secrets are when they rotate. It does not keep the
 * process running.
 * @param load reads all files; throws if they are unusable, with an error that must not repeat their content
 * @returns a function that stops following
 */
export function followFiles<Content>(
  paths: readonly string[],
  load: () => Promise<Content>,
  { take, onUnusable }: Follower<Content>,
): () => void {
  let isFollowed = true;
  let reading = Promise.resolve();
  const read = (): void => {
    // Reads run in sequence, so that older content never arrives after newer content.
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
  // The files may have been replaced since the caller last read them.
  read();
  return () => {
    isFollowed = false;
    for (const path of paths) unwatchFile(path, read);
  };
}
