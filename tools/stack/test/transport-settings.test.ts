import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { kafkaRequiredTogether, kafkaEnvironment } from '@tallystick/messaging';
import { ConfigurationError, environmentSchema, readEnvironment } from '@tallystick/config';
import { Authority } from '../src/tls/authority.ts';

const DAY_MS = 86_400_000;
const schema = environmentSchema(kafkaEnvironment, kafkaRequiredTogether);

let directory: string;
let sound: Record<string, string>;
let ended: string;
let otherKey: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tallystick-transport-'));
  const authority = await Authority.create(join(directory, 'tls'), Date.now());
  const own = await authority.certify('own', ['127.0.0.1'], Date.now());
  otherKey = (await authority.certify('other', ['127.0.0.1'], Date.now())).keyFile;
  ended = (await authority.certify('ended', ['127.0.0.1'], Date.now() - 60 * DAY_MS)).certificateFile;
  sound = {
    KAFKA_BROKERS: '127.0.0.1:9093',
    KAFKA_CA_FILE: authority.caFile,
    KAFKA_CERTIFICATE_FILE: own.certificateFile,
    KAFKA_KEY_FILE: own.keyFile,
    KAFKA_USERNAME: 'payment',
    KAFKA_PASSWORD_FILE: file('password', 'secret\n'),
  };
});
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, content: string, mode = 0o600): string {
  const path = join(directory, name);
  writeFileSync(path, content, { mode });
  return path;
}

async function faultsOf(changes: Record<string, string | undefined>): Promise<string[]> {
  const fault: unknown = await readEnvironment(schema, { ...sound, ...changes }).catch(
    (error: unknown) => error,
  );
  expect(fault).toBeInstanceOf(ConfigurationError);
  return (fault as Error).message.split('\n  ').slice(1);
}

describe('settings of transport security', () => {
  test('are accepted if every file has the expected content, and stay paths', async () => {
    expect(await readEnvironment(schema, sound)).toEqual({ ...sound, KAFKA_BROKERS: ['127.0.0.1:9093'] });
  });

  test('are all reported at once if wrong, without the content of files', async () => {
    const noCertificate = file('none.crt', 'secret');
    const noKey = file('none.key', 'secret');
    const empty = file('empty', '\n');
    const lines = await faultsOf({
      KAFKA_BROKERS: 'nowhere',
      KAFKA_CA_FILE: noCertificate,
      KAFKA_CERTIFICATE_FILE: ended,
      KAFKA_KEY_FILE: noKey,
      KAFKA_PASSWORD_FILE: empty,
    });
    // files are read concurrently, so their errors come in any order
    expect(lines.toSorted()).toEqual([
      'KAFKA_BROKERS: must be a list of host:port',
      `KAFKA_CA_FILE: ${noCertificate}: holds no certificate (PEM)`,
      `KAFKA_CERTIFICATE_FILE: ${ended}: holds a certificate that has expired; renew it`,
      `KAFKA_KEY_FILE: ${noKey}: holds no private key (PEM)`,
      `KAFKA_PASSWORD_FILE: ${empty}: holds no password`,
    ]);
  });

  test('are refused if others may read a key', async () => {
    const path = sound['KAFKA_KEY_FILE']!;
    chmodSync(path, 0o644);
    expect(await faultsOf({})).toEqual([`KAFKA_KEY_FILE: ${path}: others may read this key; chmod 600 it`]);
    chmodSync(path, 0o600);
  });

  test('are refused if the key belongs to another certificate', async () => {
    expect(await faultsOf({ KAFKA_KEY_FILE: otherKey })).toEqual([
      `KAFKA_KEY_FILE: ${otherKey}: is the key of another certificate`,
    ]);
  });

  test.each([
    ['KAFKA_KEY_FILE', 'KAFKA_CERTIFICATE_FILE'],
    ['KAFKA_CERTIFICATE_FILE', 'KAFKA_KEY_FILE'],
    ['KAFKA_PASSWORD_FILE', 'KAFKA_USERNAME'],
    ['KAFKA_USERNAME', 'KAFKA_PASSWORD_FILE'],
    ['KAFKA_CA_FILE', 'KAFKA_USERNAME'],
  ])('require %s if %s is set, and report other errors too', async (needed, setting) => {
    const lines = await faultsOf({ [needed]: undefined, KAFKA_BROKERS: 'nowhere' });
    expect(lines).toEqual(
      expect.arrayContaining([
        'KAFKA_BROKERS: must be a list of host:port',
        `${needed}: is not set, but ${setting} requires it`,
      ]),
    );
  });
});
