import { describe, expect, test } from '@jest/globals';
import { PROTECTED_RESOURCE_PATH } from '@tallystick/contracts';
import { issuer, publicUrl } from './edge-world.ts';
import { accountPath, call, port, transferPost, world } from './transfer-edge.ts';

const ask = (method: string, path: string) => fetch(`http://127.0.0.1:${port}${path}`, { method });
const metadata = `resource_metadata="${publicUrl}${PROTECTED_RESOURCE_PATH}"`;
const algorithms = 'algs="EdDSA Ed25519 ES256"';

describe('the methods of a path (RFC 9110 §9.3.7, §15.5.6)', () => {
  test.each([
    ['PUT', transferPost.path, 'POST, OPTIONS'],
    ['GET', transferPost.path, 'POST, OPTIONS'],
    ['DELETE', accountPath(), 'GET, HEAD, OPTIONS'],
  ])('%s %s answers 405 with Allow', async (method, path, allow) => {
    const answer = await ask(method, path);
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
    expect(await answer.json()).toMatchObject({ status: 405, code: 'route.method_not_allowed' });
  });

  test.each([
    [transferPost.path, 'POST, OPTIONS'],
    [accountPath(), 'GET, HEAD, OPTIONS'],
  ])('OPTIONS %s answers 204 with Allow', async (path, allow) => {
    const answer = await ask('OPTIONS', path);
    expect([answer.status, answer.headers.get('allow'), await answer.text()]).toEqual([204, allow, '']);
  });

  test('are unknown for a path that is not served', async () => {
    for (const method of ['OPTIONS', 'PUT']) expect((await ask(method, '/v1/nothing')).status).toBe(404);
  });
});

describe('a challenge (RFC 6750 §3, RFC 9449 §7.1, RFC 9728 §5.1)', () => {
  test.each([
    ['no error without a token', { token: '', proof: null }, 401, ''],
    ['an invalid token', { token: 'noise' }, 401, 'error="invalid_token", '],
    ['an invalid proof', { proof: { method: 'PUT' } }, 401, 'error="invalid_dpop_proof", '],
  ])('names %s', async (_name, changes, status, error) => {
    const answer = await call({ method: 'GET', path: accountPath(), ...changes });
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
      status,
      `DPoP ${error}${algorithms}, ${metadata}`,
    ]);
  });

  test('names the scope that a token lacks', async () => {
    const token = world.token({ scope: 'payments:write' });
    const answer = await call({ method: 'GET', path: accountPath(), token });
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
      403,
      `DPoP error="insufficient_scope", scope="accounts:read", ${algorithms}, ${metadata}`,
    ]);
  });
});

describe('the metadata of a protected resource (RFC 9728)', () => {
  test('derives from the operations of the service', async () => {
    const answer = await ask('GET', PROTECTED_RESOURCE_PATH);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      expect.stringMatching(/^application\/json/),
    ]);
    expect(await answer.json()).toEqual({
      resource: publicUrl,
      authorization_servers: [issuer],
      scopes_supported: [
        'accounts:read',
        'accounts:write',
        'mandates:write',
        'payments:write',
        'transfers:write',
      ],
      bearer_methods_supported: ['header'],
      dpop_signing_alg_values_supported: ['EdDSA', 'Ed25519', 'ES256'],
      dpop_bound_access_tokens_required: true,
    });
  });
});
