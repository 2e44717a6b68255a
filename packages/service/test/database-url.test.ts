import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ConfigurationError } from '@tallystick/config';
import { createLogger, type Logger } from '@tallystick/telemetry';

import { databaseUrl } from '../src/index.ts';

const [first, second] = ['postgres://first:secret@host:5432/db', 'postgres://second:secret@host:5432/db'];

let directory: string;
let file: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tallystick-database-url-'));
});
afterAll(() => rm(directory, { recursive: true }));
let warnings: string[];
let logger: Logger;
beforeEach(async () => {
  file = join(directory, 'postgres-url');
  await rm(file, { force: true });
  await writeFile(file, `${first}\n`, { mode: 0o600 });
  warnings = [];
  const silent = createLogger({ service: 'test', level: 'silent', confidentialFields: [] });
  logger = Object.assign(Object.create(silent) as Logger, {
    warn: (_fields: object, message: string) => void warnings.push(message),
  });
});

/** Returns a function that reads the URL for the next connection. */
const fromFile = async (): Promise<() => string> => {
  const url = await databaseUrl({ POSTGRES_URL: undefined, POSTGRES_URL_FILE: file }, logger);
  if (typeof url !== 'function') throw new Error('the URL of a file was read once for all connections');
  return url;
};

describe('the database of a service', () => {
  test('is at POSTGRES_URL', async () => {
    expect(await databaseUrl({ POSTGRES_URL: first, POSTGRES_URL_FILE: undefined }, logger)).toBe(first);
  });

  test('is at the URL that the file holds at the time of each connection', async () => {
    const url = await fromFile();
    expect(url()).toBe(first);
    await writeFile(file, second);
    expect(url()).toBe(second);
    expect(warnings).toEqual([]);
  });

  test.each([
    ['holds no URL', () => writeFile(file, '')],
    ['holds a URL of something else', () => writeFile(file, 'https://host/db')],
    ['is gone', () => rm(file)],
  ])('stays at the last URL, with a warning, if the file %s', async (_name, spoil) => {
    const url = await fromFile();
    await writeFile(file, second);
    expect(url()).toBe(second);
    await spoil();
    expect(url()).toBe(second);
    expect(warnings).toHaveLength(1);
    await writeFile(file, first, { mode: 0o600 });
    expect(url()).toBe(first);
    expect(warnings).toHaveLength(1);
  });

  test.each([
    ['is absent', () => rm(file), 'cannot be read (ENOENT)'],
    ['may be read by others', () => chmod(file, 0o644), 'others may read this key'],
    ['holds no URL', () => writeFile(file, 'secret'), 'must be a URL like postgres://'],
  ])('is refused at the start, with the name of the file, if the file %s', async (_name, spoil, fault) => {
    await spoil();
    const refusal = fromFile();
    await expect(refusal).rejects.toThrow(ConfigurationError);
    await expect(refusal).rejects.toThrow(`${file}: ${fault}`);
    await expect(refusal).rejects.not.toThrow('secret');
  });
});
