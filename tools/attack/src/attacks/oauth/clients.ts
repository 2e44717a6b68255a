import { newJti } from '@tallystick/contracts';
import { newDpopKey, signingKeyOf } from '@tallystick/demo';
import type { SigningKey } from '@tallystick/security';
import { CUSTOMER_CLIENT } from '@tallystick/stack';
import { verdict, type Attack } from '../../attack.ts';
import { encode, hmacBy, malleated, signJws, withSignature } from '../../forge/jws.ts';
import { shown, type Answer } from '../../http/ask.ts';
import { OauthClient } from '../../http/oauth-client.ts';
import type { World } from '../../target/world.ts';

const TOKEN = 'POST /oauth/token';
const CLIENT = 'treasury';
const REFUSED = '401 invalid_client';

/** A client assertion (RFC 7523) in parts. */
interface Parts {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
  key: SigningKey;
}

const keyOf = ({ stack }: World, clientId: string): Promise<SigningKey> =>
  signingKeyOf(stack.clients.find(({ client_id }) => client_id === clientId)!.privateJwk!);

async function partsOf(world: World): Promise<Parts> {
  const key = await keyOf(world, CLIENT);
  const nowS = Math.floor(Date.now() / 1_000);
  const claims = {
    iss: CLIENT,
    sub: CLIENT,
    aud: world.stack.services.auth,
    jti: newJti(),
    iat: nowS,
    exp: nowS + 60,
  };
  return { header: { alg: 'EdDSA' }, claims, key };
}

/** Asks for the client's own token by an assertion. */
async function grant(
  world: World,
  assertion: string,
  changes: Record<string, string | undefined> = {},
): Promise<Answer> {
  const client = new OauthClient(world, await newDpopKey());
  const parameters = {
    grant_type: 'client_credentials',
    client_id: CLIENT,
    scope: 'accounts:read',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
    ...changes,
  };
  return client.post('token', parameters, client.key);
}

const signed = ({ header, claims, key }: Parts): Promise<string> => signJws(header, claims, key);

/** Returns the parameters by which the client authenticates. */
async function authenticated(world: World): Promise<Record<string, string>> {
  return {
    client_id: CLIENT,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await signed(await partsOf(world)),
  };
}

/** Gets a token by an assertion in the same parts as the attacks, unchanged. */
const honest: Attack['control'] = async (world) =>
  verdict('200', shown(await grant(world, await signed(await partsOf(world)))));

function assertionAttack(
  name: string,
  forge: (parts: Parts, world: World) => string | Promise<string>,
  changes: Record<string, string | undefined> = {},
  expected = REFUSED,
): Attack {
  return {
    name: `clients.${name}`,
    on: TOKEN,
    control: honest,
    run: async (world) =>
      verdict(expected, shown(await grant(world, await forge(await partsOf(world), world), changes))),
  };
}

/** An assertion of the client's own key over other claims. */
function claimsAttack(name: string, changes: object, expected = REFUSED): Attack {
  return assertionAttack(
    name,
    ({ header, claims, key }) => signJws(header, { ...claims, ...changes }, key),
    {},
    expected,
  );
}

const nowS = (): number => Math.floor(Date.now() / 1_000);

/** Attacks on the way in which the clients of operators authenticate. */
export const clientAttacks: readonly Attack[] = [
  assertionAttack('alg-none', ({ claims }) => `${encode({ alg: 'none' })}.${encode(claims)}.`),
  assertionAttack('alg-hs256-with-public-key', ({ claims, key }) =>
    signJws({ alg: 'HS256' }, claims, hmacBy(Buffer.from(key.publicJwk.x!, 'base64url'))),
  ),
  assertionAttack('by-a-new-key', async ({ header, claims }) => signJws(header, claims, await newDpopKey())),
  assertionAttack('jwk-in-the-header', async ({ header, claims }) => {
    const own = await newDpopKey();
    return signJws({ ...header, jwk: own.publicJwk }, claims, own);
  }),
  assertionAttack('by-another-client', async ({ header, claims }, world) =>
    signJws(header, claims, await keyOf(world, 'support')),
  ),
  assertionAttack('malleable', async (parts) => withSignature(await signed(parts), malleated)),
  assertionAttack('cut', async (parts) =>
    withSignature(await signed(parts), (bytes) => bytes.subarray(0, 40)),
  ),
  claimsAttack('iss-of-another-client', { iss: 'support' }),
  claimsAttack('sub-of-another-client', { sub: 'support' }, '400 invalid_request'),
  claimsAttack('for-another-server', { aud: 'https://auth.example' }),
  claimsAttack('without-an-audience', { aud: undefined }),
  claimsAttack('without-an-end', { exp: undefined }),
  claimsAttack('expired', { iat: nowS() - 600, exp: nowS() - 300 }),
  claimsAttack('without-jti', { jti: undefined }),
  assertionAttack('replayed', async (parts, world) => {
    const assertion = await signed(parts);
    await grant(world, assertion);
    return assertion;
  }),
  assertionAttack('secret-instead', () => '', {
    client_assertion: undefined,
    client_assertion_type: undefined,
    client_secret: 'guessed',
  }),
  assertionAttack('nothing', () => '', { client_assertion: undefined, client_assertion_type: undefined }),
  assertionAttack('scope-of-another-power', signed, { scope: 'producers:write' }, '400 invalid_scope'),
  assertionAttack(
    'password-grant',
    signed,
    { grant_type: 'password', username: 'customer@example.com', password: 'x' },
    '400 unsupported_grant_type',
  ),
  assertionAttack(
    'token-exchange',
    signed,
    { grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange' },
    '400 unsupported_grant_type',
  ),
  assertionAttack(
    'code-grant-of-a-client-without-it',
    signed,
    { grant_type: 'authorization_code', code: 'x', redirect_uri: 'x' },
    '400 invalid_request',
  ),
  {
    name: 'clients.public-client-as-itself',
    on: TOKEN,
    run: async (world) => {
      const client = new OauthClient(world, await newDpopKey());
      const parameters = {
        grant_type: 'client_credentials',
        client_id: CUSTOMER_CLIENT,
        scope: 'accounts:read',
      };
      const { status, text } = await client.post('token', parameters, client.key);
      const isSo = text.includes('requested grant type is not allowed for this client');
      return verdict(
        '400 the grant type is not allowed',
        isSo ? `${status} the grant type is not allowed` : text,
      );
    },
  },
  {
    name: 'clients.without-a-proof',
    on: TOKEN,
    control: honest,
    run: async (world) => {
      const client = new OauthClient(world, await newDpopKey());
      const answer = await client.post('token', {
        grant_type: 'client_credentials',
        client_id: CLIENT,
        scope: 'accounts:read',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await signed(await partsOf(world)),
      });
      return verdict('400 invalid_grant', shown(answer));
    },
  },
  {
    name: 'clients.introspect-the-token-of-another',
    on: 'POST /oauth/introspect',
    control: honest,
    run: async (world) => {
      const client = new OauthClient(world, await newDpopKey());
      const parameters = { ...(await authenticated(world)), token: world.victim.refreshToken };
      const { status, text } = await client.post('introspect', parameters);
      return verdict('200 {"active":false}', `${status} ${text}`);
    },
  },
  {
    name: 'clients.revoke-the-token-of-another',
    on: 'POST /oauth/revoke',
    run: async (world) => {
      // A client of operators, with its own key, names a refresh token of the customers' client.
      const client = new OauthClient(world, await newDpopKey());
      const mine = await client.exchange(await client.code(world.victim));
      const { refresh_token: token } = JSON.parse(mine.text) as { refresh_token: string };
      await client.post('revoke', { ...(await authenticated(world)), token });
      return verdict('200, still in use', `${shown(await client.refresh(token))}, still in use`);
    },
  },
];
