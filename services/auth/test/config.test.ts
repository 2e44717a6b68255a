import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { readConfig } from '../src/config.ts';
import { clientMetadata } from '../src/domain/client-metadata.ts';

const environment = {
  PORT: '7001',
  PUBLIC_URL: 'https://auth.example',
  POSTGRES_URL: 'postgres://auth:secret@db/auth',
  KAFKA_BROKERS: 'k1:9092, k2:9092',
  TRUST_ANCHORS_FILE: '/keys/anchors.json',
  SIGNING_KEY_FILE: '/keys/signing.json',
  TOKEN_KEY_FILE: '/keys/token.json',
  REGISTRAR_KEY_FILE: '/keys/registrar.json',
  REGISTRAR_CERTIFICATE_FILE: '/keys/registrar.jwt',
  COOKIE_KEYS_FILE: '/keys/cookies.json',
};

describe('settings', () => {
  test('come typed from the environment, with defaults', () => {
    expect(readConfig(environment)).toMatchObject({
      PORT: 7001,
      PUBLIC_URL: 'https://auth.example',
      KAFKA_BROKERS: ['k1:9092', 'k2:9092'],
      TOPIC_PREFIX: '',
      LOG_LEVEL: 'info',
    });
  });

  test('that are wrong are all named at once, without their values', () => {
    const wrong = { ...environment, PORT: 'many', POSTGRES_URL: 'secret', KAFKA_BROKERS: undefined };
    expect(() => readConfig(wrong)).toThrow(/PORT.*POSTGRES_URL.*KAFKA_BROKERS/s);
    expect(() => readConfig(wrong)).not.toThrow(/secret|many/);
  });

  test.each<[string, Record<string, string>, string]>([
    ['not at all', {}, 'POSTGRES_URL: is not set, and POSTGRES_URL_FILE neither'],
    ['twice', { POSTGRES_URL_FILE: '/run/database/url' }, 'POSTGRES_URL: is set, and POSTGRES_URL_FILE too'],
  ])('that say %s where the database is are refused, beside every other fault', (_times, env, message) => {
    const given = { ...environment, PORT: 'many', ...env };
    if (env['POSTGRES_URL_FILE'] === undefined) Reflect.deleteProperty(given, 'POSTGRES_URL');
    expect(() => readConfig(given)).toThrow(message);
    expect(() => readConfig(given)).toThrow('PORT: ');
  });

  test.each([
    ['http://127.0.0.1:7001', true],
    ['http://localhost:7001', true],
    ['http://auth.example', false],
    ['https://auth.example/path', false],
    ['https://auth.example/?query', false],
    ['ftp://auth.example', false],
  ])('the public URL %s is taken: %s', (url, taken) => {
    const read = (): unknown => readConfig({ ...environment, PUBLIC_URL: url });
    if (taken) expect(read).not.toThrow();
    else expect(read).toThrow(/PUBLIC_URL/);
  });
});

describe('the process', () => {
  const run = (env: Record<string, string>) => {
    const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
    const flags = ['--disable-warning=ExperimentalWarning', '--conditions=@tallystick/source'];
    return spawnSync(process.execPath, [...flags, main], { env, encoding: 'utf8' });
  };

  test('ends with status 2 and names the variable where a setting is wrong', () => {
    const { status, stderr } = run({ ...environment, PORT: '-1' });
    expect(status).toBe(2);
    expect(stderr).toMatch(/PORT/);
    expect(stderr).not.toMatch(/ at /);
  });

  test('ends with status 2 and names the file where a key is missing', () => {
    const { status, stderr } = run({ ...environment, TRUST_ANCHORS_FILE: '/nowhere/anchors.json' });
    expect(status).toBe(2);
    expect(stderr).toMatch(/\/(nowhere\/anchors|keys\/\w+)\.js?on|\/keys\/registrar\.jwt/);
  });
});

describe('client metadata', () => {
  const client = { client_id: 'c', token_endpoint_auth_method: 'none', scope: 'accounts:read' };
  const faults = (changes: object): string[] =>
    clientMetadata.safeParse({ ...client, ...changes }).error?.issues.map(({ path }) => path.join('.')) ?? [];

  test('is taken where it names what this server offers', () => {
    expect(faults({})).toEqual([]);
  });
  test.each([
    ['an unknown scope', { scope: 'everything' }, 'scope'],
    ['an operators’ scope for a client of customers', { scope: 'producers:write' }, 'scope'],
    ['private_key_jwt without keys', { token_endpoint_auth_method: 'private_key_jwt' }, 'jwks'],
    ['client credentials without authentication', { grant_types: ['client_credentials'] }, 'grant_types'],
    ['a shared secret', { token_endpoint_auth_method: 'client_secret_basic' }, 'token_endpoint_auth_method'],
    ['a private key', { jwks: { keys: [{ kty: 'OKP', d: 'secret' }] } }, 'jwks.keys.0'],
  ])('is refused with %s', (_name, changes, at) => {
    expect(faults(changes)).toContain(at);
  });
});
