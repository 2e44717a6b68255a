import { readFileSync } from 'node:fs';
import { ConfigurationError, readPrivateFile } from '@tallystick/config';
import type { Logger } from '@tallystick/telemetry';
import { postgresUrl } from './postgres-url.ts';
import type { DatabaseSettings } from './settings.ts';

/**
 * Returns the database URL for `createPool`, or a function that reads it from a file for each connection. If the file
 * holds no URL, as in the middle of a rotation, the last valid URL stays in use.
 * @throws ConfigurationError if the file is absent, readable by others or holds no URL
 */
export async function databaseUrl(
  settings: DatabaseSettings,
  logger: Logger,
): Promise<string | (() => string)> {
  const { POSTGRES_URL: url, POSTGRES_URL_FILE: file } = settings;
  if (file === undefined) return url!;
  let known = await readDatabaseUrl(file);
  return () => {
    try {
      known = urlIn(readFileSync(file, 'utf8'), file);
    } catch (error) {
      logger.warn({ err: error }, 'database.url_reload_failed');
    }
    return known;
  };
}

/**
 * Reads the database URL from a file that only its owner may read.
 * @throws ConfigurationError if the file is absent, readable by others or holds no URL
 */
export async function readDatabaseUrl(file: string): Promise<string> {
  return urlIn(await readPrivateFile(file), file);
}

function urlIn(text: string, file: string): string {
  const url = postgresUrl.safeParse(text.trim());
  if (url.success) return url.data;
  throw new ConfigurationError(`${file}: ${url.error.issues[0]!.message}`);
}
