import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { enrolled, newProducerId, registrationOf } from './application.ts';
import { newSigningKey, runAuth, type RunningAuth } from './auth-service.ts';
import { OperatorClient } from './client.ts';
import { readKeyTopic, type KeyReader } from './key-reader.ts';

let auth: RunningAuth;
let reader: KeyReader;
let operator: OperatorClient;
beforeAll(async () => {
  auth = await runAuth();
  reader = await readKeyTopic(auth);
  operator = await OperatorClient.create(auth);
});
afterAll(async () => {
  await reader.stop();
  await auth.stop();
});

/** Enrols a producer and builds the registration of its key. */
async function applied(changes: object = {}): Promise<{ path: string; body: object }> {
  const [producerId, key] = [newProducerId(), await newSigningKey()];
  const body = await registrationOf(key, producerId, await enrolled(operator, producerId), changes);
  return { path: `/v1/producers/${producerId}/keys`, body };
}

describe("a request of an operator's client", () => {
  test('has one effect and one answer if it is repeated with its idempotency key', async () => {
    const { path, body } = await applied();
    const headers = { 'idempotency-key': 'registration-of-acme' };
    const first = await operator.call('POST', path, body, headers);
    await reader.until((keyring) => keyring.find((first.body as { kid: string }).kid) !== undefined);
    const { version } = reader.keyring;
    expect(await operator.call('POST', path, body, headers)).toEqual(first);
    expect(first.status).toBe(201);
    const other = await applied();
    expect(await operator.call('POST', path, other.body, headers)).toMatchObject({
      status: 422,
      body: { code: 'idempotency.key_reused' },
    });
    expect(reader.keyring.version).toBe(version);
  });

  test.each([
    ['an unknown key use', { use: 'both' }],
    ['an unknown field', { role: 'registrar' }],
    ['a permission without a type', { permissions: [{ topic: 'payment.commands.v1' }] }],
  ])('is refused with request.invalid for %s', async (_name, changes) => {
    const { path, body } = await applied(changes);
    expect(await operator.call('POST', path, body)).toMatchObject({
      status: 400,
      body: { code: 'request.invalid' },
    });
  });

  test('is refused without a proof of its body', async () => {
    const { path, body } = await applied();
    const answer = await operator.call('POST', path, body, { dpop: 'a.b.c' });
    expect(answer).toMatchObject({ status: 401, body: { code: 'dpop.invalid' } });
    expect((await operator.call('POST', path, body)).status).toBe(201);
  });

  test('is refused for an unregistered key', async () => {
    const { kid } = await newSigningKey();
    expect(await operator.call('POST', `/v1/producers/acme/keys/${kid}/revocation`, {})).toMatchObject({
      status: 404,
      body: { code: 'producer.key_not_found' },
    });
  });
});

describe('the pages', () => {
  const get = (path: string): Promise<Response> =>
    fetch(auth.url + path, { headers: { accept: 'text/html' } });

  test.each(['/login/nobody', '/login/nobody/consent'])('find no sign-in at %s', async (path) => {
    const method = path.endsWith('/consent') ? 'POST' : 'GET';
    const response = await fetch(auth.url + path, { method, headers: { origin: auth.url } });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('This sign-in has ended');
  });

  test('leave the metadata of the service as a protected resource to the edge (RFC 9728)', async () => {
    const answer = await get('/.well-known/oauth-protected-resource');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ authorization_servers: [expect.any(String)] });
  });

  test('show a 404 page for an unknown path of theirs', async () => {
    const response = await get('/login');
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('Nothing here');
  });

  test('leave other paths to the operations, which answer with a problem document', async () => {
    const response = await get('/nowhere');
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await response.json()).toMatchObject({ code: 'route.not_found' });
  });
});
