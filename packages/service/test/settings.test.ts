import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseEnvironment, readEnvironment } from '@tallystick/config';
import * as z from 'zod';

import {
  environmentOf,
  publicUrl,
  resourceServerEnvironment,
  serverCertificate,
  type ResourceServerSettings,
} from '../src/index.ts';

let directory: string;
let complete: Record<string, string>;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tallystick-settings-'));
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const write = async (name: string, content: object): Promise<string> => {
    await writeFile(join(directory, name), JSON.stringify(content), { mode: 0o600 });
    return join(directory, name);
  };
  complete = {
    PORT: '0',
    PUBLIC_URL: 'https://card.example',
    ISSUER: 'https://auth.example',
    POSTGRES_URL: 'postgres://card:secret@host:5432/card',
    KAFKA_BROKERS: 'one:9092, two:9092',
    SIGNING_KEY_FILE: await write('signing.json', privateKey.export({ format: 'jwk' })),
    TRUST_ANCHORS_FILE: await write('anchors.json', { keys: [publicKey.export({ format: 'jwk' })] }),
  };
});
afterAll(() => rm(directory, { recursive: true }));

const read = (changes: Record<string, string | undefined>): Promise<ResourceServerSettings> =>
  readEnvironment(environmentOf(resourceServerEnvironment), { ...complete, ...changes });

describe('the settings of a service', () => {
  test('have a default for each optional setting', async () => {
    expect(await read({})).toMatchObject({
      KAFKA_BROKERS: ['one:9092', 'two:9092'],
      LISTEN_HOST: '127.0.0.1',
      MIGRATIONS: 'run',
      TOPIC_PREFIX: '',
      OUTBOX_KEPT_HOURS: 24,
      REQUESTS_PER_SECOND_MAX: 500,
      TRUSTED_PROXIES: [],
      LOG_LEVEL: 'info',
    });
  });

  test.each([
    'PORT',
    'PUBLIC_URL',
    'ISSUER',
    'POSTGRES_URL',
    'KAFKA_BROKERS',
    'SIGNING_KEY_FILE',
    'TRUST_ANCHORS_FILE',
  ])('are refused without %s, with its name', async (name) => {
    await expect(read({ [name]: '' })).rejects.toThrow(`${name}: is not set`);
  });

  test.each([
    ['PORT', '65536'],
    ['PORT', '80.5'],
    ['LISTEN_HOST', 'localhost'],
    ['MIGRATIONS', 'never'],
    ['TOPIC_PREFIX', 'a/b'],
    ['OUTBOX_KEPT_HOURS', '0'],
    ['REQUESTS_PER_SECOND_MAX', '0'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', 'uniquelocal'],
    ['LOG_LEVEL', 'loud'],
    ['KAFKA_BROKERS', 'host'],
    ['POSTGRES_URL', 'mysql://user:secret@host/db'],
  ])('are refused with %s=%s, with its name', async (name, value) => {
    await expect(read({ [name]: value })).rejects.toThrow(`${name}: `);
  });

  test('repeat no value in a refusal', async () => {
    const refusal = read({ POSTGRES_URL: 'mysql://user:secret@host/db' });
    await expect(refusal).rejects.toThrow('POSTGRES_URL');
    await expect(refusal).rejects.not.toThrow('secret');
  });

  test('name the database once: by its URL or in a file', async () => {
    const file = join(directory, 'postgres-url');
    await writeFile(file, complete['POSTGRES_URL']!, { mode: 0o600 });
    expect(await read({ POSTGRES_URL: undefined, POSTGRES_URL_FILE: file })).toMatchObject({
      POSTGRES_URL_FILE: file,
    });
    await expect(read({ POSTGRES_URL_FILE: file })).rejects.toThrow('set only one of the two');
  });

  test('require a certificate and its key together', async () => {
    expect(serverCertificate(await read({}))).toBeUndefined();
    const keyFile = join(directory, 'key.pem');
    const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' });
    await writeFile(keyFile, pem, { mode: 0o600 });
    await expect(read({ TLS_KEY_FILE: keyFile })).rejects.toThrow(
      'TLS_CERTIFICATE_FILE: is not set, but TLS_KEY_FILE requires it',
    );
  });

  test('report every fault at once', async () => {
    const refusal = read({ PORT: 'x', ISSUER: '', POSTGRES_URL: '' });
    for (const name of ['PORT', 'ISSUER', 'POSTGRES_URL']) await expect(refusal).rejects.toThrow(`${name}: `);
  });
});

describe('a public URL', () => {
  const parsed = (url: string): string => parseEnvironment(z.object({ URL: publicUrl }), { URL: url }).URL;

  test.each([
    ['https://api.example', 'https://api.example'],
    ['https://api.example:8443/', 'https://api.example:8443'],
    ['http://localhost:8080', 'http://localhost:8080'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
  ])('%s is the origin %s', (url, origin) => {
    expect(parsed(url)).toBe(origin);
  });

  test.each([
    ['http://api.example', 'must be https'],
    ['http://127.0.0.1.example', 'must be https'],
    ['https://api.example/pay', 'must be an origin'],
    ['https://api.example/?a=b', 'must be an origin'],
    ['https://api.example/#a', 'must be an origin'],
    ['ftp://api.example', 'URL: '],
  ])('%s is refused', (url, fault) => {
    expect(() => parsed(url)).toThrow(fault);
  });
});
