import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { verifyAccessToken, type SigningKey } from '@tallystick/security';
import { SignJWT } from 'jose';
import { newSigningKey, PAYMENT_PERMISSIONS, runAuth, type RunningAuth } from './auth-service.ts';
import { readKeyTopic, type KeyReader } from './key-reader.ts';
import { OperatorClient, WalletClient } from './client.ts';

let auth: RunningAuth;
let reader: KeyReader;

beforeAll(async () => {
  auth = await runAuth();
  reader = await readKeyTopic(auth);
});
afterAll(async () => {
  await reader.stop();
  await auth.stop();
});

describe('the key topic', () => {
  test('contains certificates of the producers in the seed that verify with the root key alone', () => {
    const key = reader.keyring.find(auth.paymentKey.kid);
    expect(key).toMatchObject({
      producerId: 'payment',
      certificate: { status: 'active', permissions: PAYMENT_PERMISSIONS },
    });
    expect(reader.alarms).toEqual([]);
  });

  test('contains a certificate of the key that signs access tokens', async () => {
    const client = new WalletClient(auth.url, await newSigningKey());
    const { access_token: token } = await client.exchange(await client.code());
    const verified = await verifyAccessToken(token!, {
      keyring: reader.keyring,
      issuer: auth.url,
      atMs: Date.now(),
    });
    expect(verified).toMatchObject({ clientId: 'wallet', keyThumbprint: client.key.kid });
  });

  test('gets a newer snapshot with the same certificates when the service restarts', async () => {
    const { version } = reader.keyring;
    const before = reader.keyring.find(auth.paymentKey.kid)!.certificate;
    await auth.restart();
    await reader.until((keyring) => keyring.version > version);
    expect(reader.keyring.find(auth.paymentKey.kid)!.certificate).toEqual(before);
    expect(reader.alarms).toEqual([]);
  });
});

describe('operators', () => {
  const permissions = [{ topic: 'payment.commands.v1', types: ['payment.create'] }];
  const proofBy = (key: SigningKey, sub = 'acme'): Promise<string> =>
    new SignJWT({ sub })
      .setIssuedAt()
      .setProtectedHeader({ alg: key.alg, typ: 'tallystick-proof+jwt' })
      .sign(key.privateKey);
  const registration = async (key: SigningKey, changes: object = {}): Promise<object> => ({
    publicJwk: key.publicJwk,
    use: 'sig',
    permissions,
    proof: await proofBy(key),
    ...changes,
  });

  test('register a key for all services, and revoke it for all services', async () => {
    const operator = await OperatorClient.create(auth);
    const key = await newSigningKey();
    const registered = await operator.call('POST', '/v1/producers/acme/keys', await registration(key));
    expect(registered).toMatchObject({
      status: 201,
      body: { producerId: 'acme', kid: key.kid, status: 'active' },
    });
    await reader.until((keyring) => keyring.find(key.kid)?.producerId === 'acme');

    const revoked = await operator.call('POST', `/v1/producers/acme/keys/${key.kid}/revocation`, {});
    expect(revoked).toMatchObject({ status: 201, body: { kid: key.kid, status: 'revoked' } });
    await reader.until((keyring) => keyring.find(key.kid)?.certificate.status === 'revoked');
    expect(reader.alarms).toEqual([]);

    const again = await operator.call('POST', '/v1/producers/acme/keys', await registration(key));
    expect(again).toMatchObject({ status: 409, body: { code: 'producer.key_reused' } });
  });

  test('see the keys of all producers', async () => {
    const { status, body } = await (await OperatorClient.create(auth)).call('GET', '/v1/producers');
    expect(status).toBe(200);
    expect((body as { keys: object[] }).keys).toContainEqual(
      expect.objectContaining({ producerId: 'payment', kid: auth.paymentKey.kid }),
    );
  });

  test('cannot register a key without a proof of its holder', async () => {
    const operator = await OperatorClient.create(auth);
    const [key, other] = [await newSigningKey(), await newSigningKey()];
    const body = await registration(key, { proof: await proofBy(other) });
    const answer = await operator.call('POST', '/v1/producers/acme/keys', body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'producer.proof_invalid' } });
  });

  test('cannot register or revoke a key of another producer', async () => {
    const operator = await OperatorClient.create(auth);
    const taken = await operator.call('POST', '/v1/producers/acme/keys', await registration(auth.paymentKey));
    expect(taken).toMatchObject({ status: 409, body: { code: 'producer.key_reused' } });
    const revoked = await operator.call(
      'POST',
      `/v1/producers/acme/keys/${auth.paymentKey.kid}/revocation`,
      {},
    );
    expect(revoked).toMatchObject({ status: 404, body: { code: 'producer.key_not_found' } });
  });

  test('get separate answers to concurrent requests, and a refusal has no effect', async () => {
    const operator = await OperatorClient.create(auth);
    const keys = await Promise.all(Array.from({ length: 4 }, () => newSigningKey()));
    const { version } = reader.keyring;
    const bodies = await Promise.all([...keys, auth.paymentKey].map((key) => registration(key)));
    const answers = await Promise.all(
      bodies.map((body) => operator.call('POST', '/v1/producers/acme/keys', body)),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 409]);
    await reader.until((keyring) => keys.every(({ kid }) => keyring.find(kid)?.producerId === 'acme'));
    expect(reader.keyring.find(auth.paymentKey.kid)?.producerId).toBe('payment');
    expect(reader.keyring.version).toBeGreaterThan(version);
    expect(reader.alarms).toEqual([]);
  });

  test.each([
    ['payment', permissions, 'producer.name_reserved'],
    ['auth', [{ topic: 'urn:tallystick:api', types: ['access_token'] }], 'producer.name_reserved'],
    ['mallory', [{ topic: 'urn:tallystick:api', types: ['access_token'] }], 'producer.permission_refused'],
    [
      'mallory',
      [{ topic: 'account.events.v1', types: ['account.transfer.posted'] }],
      'producer.permission_refused',
    ],
  ])('cannot certify a key of %s for permissions of services', async (id, asked, code) => {
    const operator = await OperatorClient.create(auth);
    const key = await newSigningKey();
    const body = await registration(key, { permissions: asked, proof: await proofBy(key, id) });
    const answer = await operator.call('POST', `/v1/producers/${id}/keys`, body);
    expect(answer).toMatchObject({ status: 403, body: { code } });
    expect(reader.keyring.find(key.kid)).toBeUndefined();
  });

  test('require the scope producers:write', async () => {
    const reporter = await OperatorClient.create(auth, 'ledger:read');
    const answer = await reporter.call('GET', '/v1/producers');
    expect(answer).toMatchObject({ status: 403, body: { code: 'token.scope_insufficient' } });
  });
});
