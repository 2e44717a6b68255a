import { generateKeyPairSync, sign } from 'node:crypto';
import { operations } from '@tallystick/contracts';
import type { SigningKey } from '@tallystick/security';
import type { Attack } from '../attack.ts';
import {
  decode,
  encode,
  flipped,
  hmacBy,
  malleated,
  otherTrailingBits,
  signJws,
  withSignature,
  type Part,
} from '../forge/jws.ts';
import { ask, type Asked } from '../http/ask.ts';
import { acceptedWith, httpAttack } from '../http/refused.ts';
import type { World } from '../target/world.ts';

const route = operations.accountList;

/** Reads the victim's accounts with the genuine token and its key. */
const honest: Attack['control'] = async ({ victim }) => acceptedWith(await ask(victim.client, route));

/** The victim's token in parts, bound to the thief's key, as the thief wants it. */
interface Wanted {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
  genuine: string;
}

function wanted({ victim, thief }: World): Wanted {
  const genuine = victim.client.accessToken;
  const claims = { ...decode(genuine, 1), cnf: { jkt: thief.client.dpopKey.kid } };
  return { header: decode(genuine, 0), claims, genuine };
}

/** Shows a forged token with a proof by the thief's key. */
function forged(
  name: string,
  forge: (parts: Wanted, world: World) => string | Promise<string>,
  code: Parameters<typeof httpAttack>[2] = 'token.invalid',
): Attack {
  const send = async (world: World) =>
    ask(world.thief.client, route, { token: await forge(wanted(world), world) });
  return httpAttack(`tokens.${name}`, route, code, send, honest);
}

/** Shows the victim's genuine token, altered, with a proof by the victim's own key. */
function altered(name: string, alter: (token: string, world: World) => string): Attack {
  const send = (world: World) =>
    ask(world.victim.client, route, { token: alter(world.victim.client.accessToken, world) });
  return httpAttack(`tokens.${name}`, route, 'token.invalid', send, honest);
}

const signed = (header: Part, claims: Part, by: Parameters<typeof signJws>[2]) => signJws(header, claims, by);
const evil = 'http://127.0.0.1:9/keys.json';

/** Tokens under another algorithm or another key. */
const byOtherKeys: Attack[] = [
  forged('alg-none', ({ header, claims }) => `${encode({ ...header, alg: 'none' })}.${encode(claims)}.AA`),
  forged(
    'alg-none-without-signature',
    ({ header, claims }) => `${encode({ ...header, alg: 'none' })}.${encode(claims)}.`,
  ),
  forged('alg-hs256-with-public-key', ({ header, claims }, { authKeys: { token } }) =>
    signed({ ...header, alg: 'HS256' }, claims, hmacBy(Buffer.from(token.publicJwk.x!, 'base64url'))),
  ),
  forged('alg-hs256-with-public-jwk', ({ header, claims }, { authKeys: { token } }) =>
    signed({ ...header, alg: 'HS256' }, claims, hmacBy(JSON.stringify(token.publicJwk))),
  ),
  forged('hmac-under-the-genuine-alg', ({ header, claims }, { authKeys: { token } }) =>
    signed(header, claims, hmacBy(Buffer.from(token.publicJwk.x!, 'base64url'))),
  ),
  forged('alg-rs256', ({ header, claims }) => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    return signed({ ...header, alg: 'RS256' }, claims, (input) => sign('sha256', input, privateKey));
  }),
  forged('alg-es256-on-another-curve', ({ header, claims }) => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return signed({ ...header, alg: 'ES256' }, claims, (input) =>
      sign('sha256', input, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
    );
  }),
  forged('by-the-thief-under-the-genuine-kid', ({ header, claims }, world) =>
    signed(header, claims, thiefKey(world)),
  ),
  forged('by-the-thief-under-its-own-kid', ({ header, claims }, world) =>
    signed({ ...header, kid: thiefKey(world).kid }, claims, thiefKey(world)),
  ),
  forged('jwk-in-the-header', ({ header, claims }, world) =>
    signed({ ...header, jwk: thiefKey(world).publicJwk }, claims, thiefKey(world)),
  ),
  ...['jku', 'x5u'].map((name) =>
    forged(`${name}-in-the-header`, ({ header, claims }, world) =>
      signed({ ...header, [name]: evil, kid: 'evil' }, claims, thiefKey(world)),
    ),
  ),
  ...Object.entries({ path: '../../keys/token.jwk.json', sql: "x' OR '1'='1", prototype: '__proto__' }).map(
    ([name, kid]) =>
      forged(`kid-${name}`, ({ header, claims }, world) =>
        signed({ ...header, kid }, claims, thiefKey(world)),
      ),
  ),
  forged('by-a-third-party', ({ header, claims }, { producers: { acme } }) =>
    signed({ ...header, kid: acme.key.kid, alg: acme.key.alg }, claims, acme.key),
  ),
  forged('by-a-revoked-third-party', ({ header, claims }, { producers: { gone } }) =>
    signed({ ...header, kid: gone.key.kid, alg: gone.key.alg }, claims, gone.key),
  ),
  ...(['account', 'card', 'payment'] as const).map((service) =>
    forged(`by-the-${service}-service`, ({ header, claims }, { serviceKeys }) =>
      signed({ ...header, kid: serviceKeys[service].kid, alg: 'EdDSA' }, claims, serviceKeys[service]),
    ),
  ),
  forged('by-the-registrar', ({ header, claims }, { authKeys: { registrar } }) =>
    signed({ ...header, kid: registrar.kid, alg: 'EdDSA' }, claims, registrar),
  ),
];

/** The genuine token with another part. */
const alteredTokens: Attack[] = [
  altered('claims-of-another-customer', (token, { thief }) => withClaims(token, { sub: thief.id })),
  altered('claims-with-more-scopes', (token) => withClaims(token, { scope: 'ledger:read accounts:read' })),
  altered('claims-with-a-later-end', (token) =>
    withClaims(token, { exp: Number(decode(token, 1)['exp']) + 60 }),
  ),
  altered('claims-of-another-token', (token, { thief }) => {
    const [, claims] = thief.client.accessToken.split('.');
    return withPart(token, claims!);
  }),
  altered('signature-flipped', (token) => withSignature(token, (bytes) => flipped(bytes, 10))),
  altered('signature-malleable', (token) => withSignature(token, malleated)),
  altered('signature-cut', (token) => withSignature(token, (bytes) => bytes.subarray(0, 63))),
  altered('signature-of-another-token', (token, { thief }) =>
    withSignature(token, () => thief.client.accessToken.split('.')[2]!),
  ),
  altered('other-trailing-bits', otherTrailingBits),
  altered('four-parts', (token) => `${token}.AA`),
  altered('two-parts', (token) => token.slice(0, token.lastIndexOf('.'))),
  altered('padded', (token) => `${token}=`),
  altered('crit-in-the-header', (token) => {
    const [, claims, signature] = token.split('.');
    return `${encode({ ...decode(token, 0), crit: ['x'], x: 1 })}.${claims}.${signature}`;
  }),
  altered('typ-of-an-id-token', (token) => {
    const [, claims, signature] = token.split('.');
    return `${encode({ ...decode(token, 0), typ: 'JWT' })}.${claims}.${signature}`;
  }),
];

/** Genuine signatures of auth over what auth would not issue, or did not issue for this. */
const issuedOtherwise: Attack[] = [
  issued('expired', { iat: -40, exp: -5 }, {}, 'token.expired'),
  issued('of-the-future', { iat: 120, exp: 700 }),
  issued('that-lives-too-long', { iat: 0, exp: 3_600 }),
  issued('of-another-issuer', { iat: 0, exp: 600 }, { iss: 'https://auth.example' }),
  issued('for-another-audience', { iat: 0, exp: 600 }, { aud: 'https://api.example' }),
  issued('without-an-audience', { iat: 0, exp: 600 }, { aud: undefined }),
  issued('without-a-subject', { iat: 0, exp: 600 }, { sub: undefined }),
  issued('without-an-end', { iat: 0 }, { exp: undefined }),
  issued('with-a-huge-end', { iat: 0 }, { exp: 1e300 }),
  issued('from-before-the-key', { iat: -2_000_000_000, exp: -1_999_999_500 }),
  forged('typ-jwt-by-auth', ({ header, claims }, { authKeys }) =>
    signed({ ...header, typ: 'JWT' }, claims, authKeys.token),
  ),
  forged('crit-by-auth', ({ header, claims }, { authKeys }) =>
    signed({ ...header, crit: ['exp'] }, claims, authKeys.token),
  ),
  forged('envelope-instead', async (_parts, { producers: { acme }, victim }) =>
    signed(
      { alg: acme.key.alg, typ: 'tallystick+jwt', kid: acme.key.kid },
      decode(victim.client.accessToken, 1),
      acme.key,
    ),
  ),
  forged('refresh-token-instead', (_parts, { victim }) => victim.refreshToken),
];

/** A token that auth's key signs with other times, in seconds from now, and other claims. */
function issued(
  name: string,
  { iat, exp }: { iat: number; exp?: number },
  changes: object = {},
  code?: Parameters<typeof httpAttack>[2],
): Attack {
  return forged(
    `issued-${name}`,
    ({ header, claims }, { authKeys }) => {
      const nowS = Math.floor(Date.now() / 1_000);
      const times = { iat: nowS + iat, ...(exp !== undefined && { exp: nowS + exp }) };
      return signed(header, { ...claims, ...times, ...changes }, authKeys.token);
    },
    code,
  );
}

/** The genuine token, shown in another place or form. */
const shownElsewhere: Attack[] = [
  place('basic', { authorization: 'Basic dXNlcjpwYXNz' }, 'token.invalid'),
  place('no-scheme', (token) => ({ authorization: token }), 'token.invalid'),
  place('two-tokens', (token) => ({ authorization: `DPoP ${token}, DPoP ${token}` }), 'token.invalid'),
  place(
    'in-the-query',
    (token) => ({ authorization: null, query: `access_token=${token}` }),
    'token.missing',
  ),
  place(
    'in-a-cookie',
    (token) => ({ authorization: null, headers: { cookie: `access_token=${token}` } }),
    'token.missing',
  ),
  place('bearer-with-proof', (token) => ({ authorization: `Bearer ${token}` }), 'dpop.missing'),
  place('empty', { authorization: 'DPoP ' }, 'token.invalid'),
];

function place(
  name: string,
  asked: Asked | ((token: string) => Asked),
  code: Parameters<typeof httpAttack>[2],
): Attack {
  const send = ({ victim: { client } }: World) =>
    ask(client, route, typeof asked === 'function' ? asked(client.accessToken) : asked);
  return httpAttack(`tokens.place-${name}`, route, code, send, honest);
}

/** Attacks by access tokens that are forged, altered, or shown in the wrong way. */
export const tokenAttacks: readonly Attack[] = [
  ...byOtherKeys,
  ...alteredTokens,
  ...issuedOtherwise,
  ...shownElsewhere,
];

function thiefKey({ thief }: World): SigningKey {
  return thief.client.dpopKey;
}

function withClaims(token: string, changes: object): string {
  return withPart(token, encode({ ...decode(token, 1), ...changes }));
}

function withPart(token: string, claims: string): string {
  const [header, , signature] = token.split('.');
  return `${header}.${claims}.${signature}`;
}
