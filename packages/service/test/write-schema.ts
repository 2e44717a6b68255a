import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { MigrationSource } from '@tallystick/postgres';

/** Writes a migration with one append-only table. */
export async function writeSchema(directory: string): Promise<MigrationSource> {
  await writeFile(join(directory, '0001-thing.sql'), 'CREATE TABLE thing (thing_id text PRIMARY KEY)');
  return { scope: 'test', directory: pathToFileURL(`${directory}/`), appendOnly: ['thing'] };
}
