import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newJti } from '@tallystick/contracts';
import { createKafka, Publisher } from '@tallystick/messaging';
import { verifyAccessToken } from '@tallystick/security';
import { createLogger } from '@tallystick/telemetry';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import {
  certifiedRegistrar,
  newPrivateJwk,
  newSigningKey,
  revocationOf,
  runAuth,
  type RunningAuth,
} from './auth-service.ts';
import { WalletClient, type TokenAnswer } from './client.ts';
import { readKeyTopic } from './key-reader.ts';

let auth: RunningAuth;
let wallet: WalletClient;
beforeAll(async () => {
  auth = await runAuth();
  wallet = new WalletClient(auth.url, await newSigningKey());
});
afterAll(() => auth.stop());

const WAIT_MS = 15_000;

async function eventually<Answer>(ask: () => Promise<Answer | false>): Promise<Answer> {
  const endMs = performance.now() + WAIT_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== false) return answer;
    if (performance.now() > endMs) throw new Error(`no result within ${WAIT_MS} ms`);
  }
}

const tokens = async (): Promise<TokenAnswer> => wallet.exchange(await wallet.code());
const kidOf = ({ access_token: token }: TokenAnswer): string | undefined => decodeProtectedHeader(token!).kid;

async function publishKeyRecord(value: string): Promise<void> {
  const logger = createLogger({ service: 'test', level: 'silent', confidentialFields: [] });
  const kafka = createKafka({ brokers: auth.kafkaBrokers, clientId: 'root', logger });
  const publisher = await Publisher.connect(kafka);
  const topic = `${auth.topicPrefix}auth.keys.v1`;
  await publisher.publish([
    { id: newJti(), topic, key: Buffer.from('root'), value: Buffer.from(value), headers: {} },
  ]);
  await publisher.disconnect();
}

describe('keys that are replaced at run time', () => {
  test('sign tokens that all services accept, as they accept those of the previous key', async () => {
    const before = await tokens();
    await auth.replace({
      'token-key.json': await newPrivateJwk('EdDSA'),
      'cookie-keys.json': ['abcdef0123456789abcdef0123456789', '0123456789abcdef0123456789abcdef'],
    });
    const after = await eventually(async () => {
      const answer = await tokens();
      return kidOf(answer) !== kidOf(before) && answer;
    });

    const reader = await readKeyTopic(auth);
    const jwks = createRemoteJWKSet(new URL('/oauth/jwks', auth.url));
    for (const { access_token: token } of [before, after]) {
      const context = { keyring: reader.keyring, issuer: auth.url, atMs: Date.now() };
      expect(await verifyAccessToken(token!, context)).toMatchObject({ clientId: 'wallet' });
      expect((await jwtVerify(token!, jwks)).payload.iss).toBe(auth.url);
    }
    await reader.stop();
    expect(await wallet.refresh(before.refresh_token)).toMatchObject({ status: 200 });
  });

  test('re-certify the keys of the previous registrar key, so that the root can revoke it', async () => {
    const { privateJwk, certificate } = await certifiedRegistrar(auth.root);
    await auth.replace({ 'registrar-key.json': privateJwk, 'registrar.jwt': certificate });
    await publishKeyRecord(await revocationOf(auth.registrarKey, auth.root));
    const newcomer = await readKeyTopic(auth);
    await newcomer.until((keyring) => keyring.find(auth.paymentKey.kid)?.certificate.status === 'active');
    await newcomer.stop();
    expect((await tokens()).status).toBe(200);
  });

  test('are ignored if they are unusable', async () => {
    const before = kidOf(await tokens());
    await auth.replace({ 'token-key.json': 'noise', 'registrar.jwt': 'noise' });
    const { privateJwk, certificate } = await certifiedRegistrar(auth.root);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(kidOf(await tokens())).toBe(before);
    await auth.replace({
      'token-key.json': await newPrivateJwk('EdDSA'),
      'registrar-key.json': privateJwk,
      'registrar.jwt': certificate,
    });
    await eventually(async () => kidOf(await tokens()) !== before);
  });
});
