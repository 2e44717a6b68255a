import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ConfigurationError } from '@tallystick/config';
import { readConfig } from '../src/config.ts';
import { newId } from '@tallystick/contracts';
import { clientMetadata } from '../src/domain/client-metadata.ts';
import { certifiedRegistrar, newPrivateJwk, newSigningKey } from './auth-service.ts';

let directory: string;
let environment: Record<string, string>;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tallystick-config-'));
  const root = await newSigningKey();
  const registrar = await certifiedRegistrar(root);
  environment = {
    PORT: '7001',
    PUBLIC_URL: 'https://auth.example',
    POSTGRES_URL: 'postgres://auth:secret@db/auth',
    KAFKA_BROKERS: 'k1:9092, k2:9092',
    TRUST_ANCHORS_FILE: await file('anchors.json', { keys: [root.publicJwk] }),
    SIGNING_KEY_FILE: await file('signing.json', await newPrivateJwk('ES256')),
    TOKEN_KEY_FILE: await file('token.json', await newPrivateJwk('EdDSA')),
    REGISTRAR_KEY_FILE: await file('registrar.json', registrar.privateJwk),
    REGISTRAR_CERTIFICATE_FILE: await file('registrar.jwt', registrar.certificate),
    COOKIE_KEYS_FILE: await file('cookies.json', ['0123456789abcdef0123456789abcdef']),
  };
});
afterAll(() => rm(directory, { recursive: true }));

async function file(name: string, content: unknown, mode = 0o600): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content), { mode });
  return path;
}

const byName = (a = '', b = ''): number => a.localeCompare(b);

/** Returns the lines of the single error message for these settings. */
async function faultsOf(changes: Record<string, string | undefined>): Promise<string[]> {
  const fault: unknown = await readConfig({ ...environment, ...changes }).catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(ConfigurationError);
  const [first, ...lines] = (fault as Error).message.split('\n  ');
  expect(first).toBe('the configuration is not usable:');
  return lines;
}

describe('settings', () => {
  test('are parsed from the environment, with defaults', async () => {
    expect(await readConfig(environment)).toMatchObject({
      PORT: 7001,
      LISTEN_HOST: '127.0.0.1',
      PUBLIC_URL: 'https://auth.example',
      KAFKA_BROKERS: ['k1:9092', 'k2:9092'],
      TOPIC_PREFIX: '',
      LOG_LEVEL: 'info',
    });
  });

  test('are refused, if invalid, with the names of all variables and files and no values', async () => {
    const absent = join(directory, 'absent.json');
    const open = await file('open.json', { kty: 'OKP', d: 'secret' }, 0o644);
    const noKey = await file('no-key.json', { kty: 'OKP', crv: 'Ed25519', x: 'secret', d: 'secret' });
    const lines = await faultsOf({
      PORT: 'many',
      POSTGRES_URL: 'secret',
      KAFKA_BROKERS: undefined,
      TRACES_PER_SECOND: 'many',
      TRUST_ANCHORS_FILE: absent,
      SIGNING_KEY_FILE: open,
      TOKEN_KEY_FILE: await file('curve.json', await newPrivateJwk('ES256')),
      REGISTRAR_KEY_FILE: noKey,
      REGISTRAR_CERTIFICATE_FILE: absent,
      COOKIE_KEYS_FILE: await file('short.json', ['secret']),
      SEED_FILE: await file('seed.json', { customers: [{ password: 'secret' }] }),
    });
    expect(lines.map((line) => line.split(': ')[0]).toSorted(byName)).toEqual(
      [
        'PORT',
        'POSTGRES_URL',
        'KAFKA_BROKERS',
        'TRACES_PER_SECOND',
        'TRUST_ANCHORS_FILE',
        'SIGNING_KEY_FILE',
        'TOKEN_KEY_FILE',
        'REGISTRAR_KEY_FILE',
        'REGISTRAR_CERTIFICATE_FILE',
        'COOKIE_KEYS_FILE',
        'SEED_FILE',
      ].toSorted(byName),
    );
    expect(lines).toEqual(
      expect.arrayContaining([
        `TRUST_ANCHORS_FILE: ${absent}: cannot be read (ENOENT); create it, or name another file`,
        `SIGNING_KEY_FILE: ${open}: others may read this key; chmod 600 it`,
        `TOKEN_KEY_FILE: ${join(directory, 'curve.json')}: is not a key on Ed25519`,
        `REGISTRAR_KEY_FILE: ${noKey}: is a JWK whose parts are no key on Ed25519`,
      ]),
    );
    expect(lines.join()).not.toMatch(/secret|many/);
  });

  test('require the outbox to be kept for the period that a start searches', async () => {
    expect(await faultsOf({ OUTBOX_KEPT_HOURS: '0' })).toHaveLength(1);
    expect(await readConfig({ ...environment, OUTBOX_KEPT_HOURS: '0.1' })).toMatchObject({
      OUTBOX_KEPT_HOURS: 0.1,
    });
  });

  test('are refused if the certificate belongs to another key', async () => {
    const other = await file('other.json', await newPrivateJwk('EdDSA'));
    expect(await faultsOf({ REGISTRAR_KEY_FILE: other })).toEqual([
      'REGISTRAR_CERTIFICATE_FILE: holds a certificate for another key than REGISTRAR_KEY_FILE',
    ]);
  });

  test.each<[string, Record<string, string | undefined>, string]>([
    ['not at all', { POSTGRES_URL: undefined }, 'is not set, nor is POSTGRES_URL_FILE'],
    ['twice', {}, 'is set, and so is POSTGRES_URL_FILE; set only one of the two'],
  ])('are refused, with every other fault, if they name the database %s', async (_times, env, message) => {
    const urlFile = await file('url', environment['POSTGRES_URL']);
    const given = 'POSTGRES_URL' in env ? env : { POSTGRES_URL_FILE: urlFile };
    const lines = await faultsOf({ PORT: 'many', ...given });
    expect(lines).toContain(`POSTGRES_URL: ${message}`);
    expect(lines).toHaveLength(2);
  });

  test('may name a file with the database URL, which must be valid', async () => {
    const wrong = await file('wrong-url', 'mysql://auth:secret@db/auth');
    expect(await faultsOf({ POSTGRES_URL: undefined, POSTGRES_URL_FILE: wrong })).toEqual([
      `POSTGRES_URL_FILE: ${wrong}: must be a URL like postgres://user:password@host:5432/database`,
    ]);
  });

  test.each([
    ['http://127.0.0.1:7001', true],
    ['http://localhost:7001', true],
    ['http://auth.example', false],
    ['https://auth.example/path', false],
    ['https://auth.example/?query', false],
    ['ftp://auth.example', false],
  ])('accept the public URL %s: %s', async (url, accepted) => {
    const read = readConfig({ ...environment, PUBLIC_URL: url });
    if (accepted) await expect(read).resolves.toBeDefined();
    else await expect(read).rejects.toThrow(/PUBLIC_URL/);
  });
});

describe('the process', () => {
  const run = (env: Record<string, string>) => {
    const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
    // the flags by which this process runs from sources
    const flags = process.execArgv.filter((flag) => /^--(conditions|disable-warning)=/.test(flag));
    return spawnSync(process.execPath, [...flags, main], { env, encoding: 'utf8' });
  };

  test('exits with status 2 and names the variable of an invalid setting', () => {
    const { status, stderr } = run({ ...environment, PORT: '-1' });
    expect(status).toBe(2);
    expect(stderr).toMatch(/PORT/);
    expect(stderr).not.toMatch(/ at /);
  });

  test('exits with status 2 and names the file of a missing key', () => {
    const { status, stderr } = run({ ...environment, TRUST_ANCHORS_FILE: '/nowhere/anchors.json' });
    expect(status).toBe(2);
    expect(stderr).toMatch(/\/(nowhere\/anchors|keys\/\w+)\.js?on|\/keys\/registrar\.jwt/);
  });
});

describe('client metadata', () => {
  const client = { client_id: 'c', token_endpoint_auth_method: 'none', scope: 'accounts:read' };
  const faults = (changes: object): string[] =>
    clientMetadata.safeParse({ ...client, ...changes }).error?.issues.map(({ path }) => path.join('.')) ?? [];

  test('is accepted if this server supports it', () => {
    expect(faults({})).toEqual([]);
  });

  test('binds access tokens to keys, also if a client does not ask for it', () => {
    expect(clientMetadata.parse(client)).toMatchObject({ dpop_bound_access_tokens: true });
  });
  test.each([
    ['an unknown scope', { scope: 'everything' }, 'scope'],
    ['an operators’ scope for a client of customers', { scope: 'producers:write' }, 'scope'],
    ['the whole ledger for a client of customers', { scope: 'accounts:read ledger:read' }, 'scope'],
    ['private_key_jwt without keys', { token_endpoint_auth_method: 'private_key_jwt' }, 'jwks'],
    ['client credentials without authentication', { grant_types: ['client_credentials'] }, 'grant_types'],
    [
      'two powers of operators',
      {
        scope: 'producers:write ledger:read',
        grant_types: ['client_credentials'],
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [{ kty: 'OKP' }] },
      },
      'scope',
    ],
    ['an id like that of a customer', { client_id: newId('usr') }, 'client_id'],
    ['access tokens without a key', { dpop_bound_access_tokens: false }, 'dpop_bound_access_tokens'],
    ['a shared secret', { token_endpoint_auth_method: 'client_secret_basic' }, 'token_endpoint_auth_method'],
    ['a private key', { jwks: { keys: [{ kty: 'OKP', d: 'secret' }] } }, 'jwks.keys.0'],
  ])('is refused with %s', (_name, changes, at) => {
    expect(faults(changes)).toContain(at);
  });
});
