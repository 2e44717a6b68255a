import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createPool } from '@tallystick/postgres';
import { verifyAccessToken, type SigningKey } from '@tallystick/security';
import { applicationFor, enrolled, newProducerId, orderPermissions, registrationOf } from './application.ts';
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
  let operator: OperatorClient;
  let second: OperatorClient;
  let producerId: string;
  let key: SigningKey;
  beforeEach(async () => {
    [operator, second] = [
      await OperatorClient.create(auth),
      await OperatorClient.create(auth, 'producers:write', 'ops-2'),
    ];
    [producerId, key] = [newProducerId(), await newSigningKey()];
  });
  const register = (body: object, by = operator): ReturnType<OperatorClient['call']> =>
    by.call('POST', `/v1/producers/${producerId}/keys`, body);
  const registered = async (one = key): Promise<string> => {
    const code = await enrolled(operator, producerId);
    expect((await register(await registrationOf(one, producerId, code))).status).toBe(201);
    return code;
  };
  const refused = (status: number, code: string) => ({ status, body: { code } });

  test('register the key of an enrolled third party for all services, and revoke it for all services', async () => {
    const code = await enrolled(operator, producerId);
    expect(await register(await registrationOf(key, producerId, code))).toMatchObject({
      status: 201,
      body: { producerId, kid: key.kid, status: 'active' },
    });
    await reader.until((keyring) => keyring.find(key.kid)?.producerId === producerId);

    const path = `/v1/producers/${producerId}/keys/${key.kid}/revocation`;
    expect(await operator.call('POST', path, {})).toMatchObject({
      status: 201,
      body: { kid: key.kid, status: 'revoked' },
    });
    await reader.until((keyring) => keyring.find(key.kid)?.certificate.status === 'revoked');
    expect(reader.alarms).toEqual([]);

    const again = await enrolled(operator, producerId);
    const answer = await register(await registrationOf(key, producerId, again), second);
    expect(answer).toMatchObject(refused(409, 'producer.key_reused'));
  });

  test('cannot register a key whose parts no database stores', async () => {
    const code = await enrolled(operator, producerId);
    const publicJwk = { ...key.publicJwk, kid: 'a\0b' };
    const answer = await register(await registrationOf(key, producerId, code, { publicJwk }));
    expect(answer).toMatchObject(refused(400, 'request.invalid'));
  });

  test('see the keys of all producers', async () => {
    const { status, body } = await operator.call('GET', '/v1/producers');
    expect(status).toBe(200);
    expect((body as { keys: object[] }).keys).toContainEqual(
      expect.objectContaining({ producerId: 'payment', kid: auth.paymentKey.kid }),
    );
  });

  test.each<[string, (code: string) => Promise<object>]>([
    ['an unknown code', () => registrationOf(key, producerId, 'guessed')],
    [
      'other permissions than invited',
      async (code) => {
        const permissions = [{ topic: 'payment.commands.v1', types: ['payment.refund'] }];
        const proof = await applicationFor(key, producerId, code, { permissions });
        return registrationOf(key, producerId, code, { permissions, proof });
      },
    ],
    [
      'the code of another producer',
      async () => {
        const other = await enrolled(operator, newProducerId());
        return registrationOf(key, producerId, other);
      },
    ],
  ])('cannot register a key with %s', async (_name, body) => {
    const code = await enrolled(operator, producerId);
    expect(await register(await body(code))).toMatchObject(refused(403, 'producer.enrolment_invalid'));
    expect((await register(await registrationOf(key, producerId, code))).status).toBe(201);
  });

  test('cannot use an enrolment twice', async () => {
    const code = await registered();
    const other = await newSigningKey();
    const answer = await register(await registrationOf(other, producerId, code), second);
    expect(answer).toMatchObject(refused(403, 'producer.enrolment_invalid'));
  });

  test('cannot register a key without a proof of its holder', async () => {
    const code = await enrolled(operator, producerId);
    const proof = await applicationFor(key, producerId, code, { signer: await newSigningKey() });
    const answer = await register(await registrationOf(key, producerId, code, { proof }));
    expect(answer).toMatchObject(refused(400, 'producer.proof_invalid'));
  });

  test('cannot alone register a further key in the name of a producer, even after a revocation', async () => {
    await registered();
    const thiefs = await newSigningKey();
    const attempt = async (): Promise<unknown> =>
      register(await registrationOf(thiefs, producerId, await enrolled(operator, producerId)));
    expect(await attempt()).toMatchObject(refused(403, 'producer.second_operator_needed'));
    await operator.call('POST', `/v1/producers/${producerId}/keys/${key.kid}/revocation`, {});
    expect(await attempt()).toMatchObject(refused(403, 'producer.second_operator_needed'));
    expect(reader.keyring.find(thiefs.kid)).toBeUndefined();
  });

  test('register a further key that the producer approves with a current key, or that a second operator passes on', async () => {
    await registered();
    const [next, third] = [await newSigningKey(), await newSigningKey()];
    const code = await enrolled(operator, producerId);
    const forged = await applicationFor(next, producerId, code, { signer: next });
    const refusal = await register(await registrationOf(next, producerId, code, { approval: forged }));
    expect(refusal).toMatchObject(refused(400, 'producer.proof_invalid'));
    const approval = await applicationFor(next, producerId, code, { signer: key });
    expect((await register(await registrationOf(next, producerId, code, { approval }))).status).toBe(201);
    const other = await enrolled(operator, producerId);
    expect((await register(await registrationOf(third, producerId, other), second)).status).toBe(201);
  });

  test('cannot register or revoke a key of another producer', async () => {
    const code = await enrolled(operator, producerId);
    const taken = await register(await registrationOf(auth.paymentKey, producerId, code));
    expect(taken).toMatchObject(refused(409, 'producer.key_reused'));
    const path = `/v1/producers/${producerId}/keys/${auth.paymentKey.kid}/revocation`;
    expect(await operator.call('POST', path, {})).toMatchObject(refused(404, 'producer.key_not_found'));
  });

  test('get separate answers to concurrent requests, and a refusal has no effect', async () => {
    const keys = await Promise.all(Array.from({ length: 4 }, () => newSigningKey()));
    const { version } = reader.keyring;
    const answers = await Promise.all(
      [...keys, auth.paymentKey].map(async (one) => {
        const id = newProducerId();
        const body = await registrationOf(one, id, await enrolled(operator, id));
        return operator.call('POST', `/v1/producers/${id}/keys`, body);
      }),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 409]);
    await reader.until((keyring) => keys.every(({ kid }) => keyring.find(kid) !== undefined));
    expect(reader.keyring.find(auth.paymentKey.kid)?.producerId).toBe('payment');
    expect(reader.keyring.version).toBeGreaterThan(version);
    expect(reader.alarms).toEqual([]);
  });

  test.each([
    ['payment', orderPermissions, 'producer.name_reserved'],
    ['auth', [{ topic: 'urn:tallystick:api', types: ['access_token'] }], 'producer.name_reserved'],
    ['mallory', [{ topic: 'urn:tallystick:api', types: ['access_token'] }], 'producer.permission_refused'],
    [
      'mallory',
      [{ topic: 'account.events.v1', types: ['account.transfer.posted'] }],
      'producer.permission_refused',
    ],
  ])(
    'can neither enrol %s nor certify its key for permissions of services',
    async (id, permissions, code) => {
      const enrolment = await operator.call('POST', `/v1/producers/${id}/enrolments`, { permissions });
      expect(enrolment).toMatchObject(refused(403, code));
      const proof = await applicationFor(key, id, 'guessed', { permissions });
      const body = await registrationOf(key, id, 'guessed', { permissions, proof });
      expect(await operator.call('POST', `/v1/producers/${id}/keys`, body)).toMatchObject(refused(403, code));
      expect(reader.keyring.find(key.kid)).toBeUndefined();
    },
  );

  test('cannot certify an encryption key: senders would encrypt to it', async () => {
    const code = await enrolled(operator, producerId);
    const answer = await register(await registrationOf(key, producerId, code, { use: 'enc' }));
    expect(answer).toMatchObject(refused(403, 'producer.permission_refused'));
  });

  test('require the scope producers:write', async () => {
    const reporter = await OperatorClient.create(auth, 'ledger:read');
    expect(await reporter.call('GET', '/v1/producers')).toMatchObject(
      refused(403, 'token.scope_insufficient'),
    );
  });

  test('leave no code in the database', async () => {
    const code = await registered();
    const pool = createPool({ url: auth.postgresUrl, applicationName: 'test' });
    const { rows } = await pool.query<{ found: boolean }>(
      `SELECT bool_or(position($1 in row::text) > 0) AS found FROM (
         SELECT e::text AS row FROM enrolment e UNION ALL SELECT k::text FROM idempotency_key k) AS rows`,
      [code],
    );
    await pool.end();
    expect(rows).toEqual([{ found: false }]);
  });
});
