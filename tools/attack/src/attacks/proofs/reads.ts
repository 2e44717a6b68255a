import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { newJti, operations, type ErrorCode } from '@tallystick/contracts';
import { newDpopKey } from '@tallystick/demo';
import type { Attack } from '../../attack.ts';
import {
  encode,
  flipped,
  hmacBy,
  malleated,
  otherTrailingBits,
  signJws,
  withSignature,
} from '../../forge/jws.ts';
import { ask, type Answer } from '../../http/ask.ts';
import { acceptedWith, httpAttack } from '../../http/refused.ts';
import type { World } from '../../target/world.ts';

const read = operations.accountList;
const INVALID = 'dpop.invalid';

/** A proof of the victim's client in parts, for this address. */
interface Parts {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
}

function partsFor({ victim: { client } }: World, url: string): Parts {
  const claims = {
    jti: newJti(),
    htm: 'GET',
    htu: url,
    iat: Math.floor(Date.now() / 1_000),
    ath: createHash('sha256').update(client.accessToken).digest('base64url'),
  };
  return { header: { typ: 'dpop+jwt', alg: client.dpopKey.alg, jwk: client.dpopKey.publicJwk }, claims };
}

const sendRead = (
  world: World,
  forge: (parts: Parts, world: World) => string | Promise<string>,
): Promise<Answer> => ask(world.victim.client, read, { proof: (url) => forge(partsFor(world, url), world) });

/** Reads with a proof in the same parts as the attacks, unchanged. */
const honestRead: Attack['control'] = async (world) =>
  acceptedWith(
    await sendRead(world, ({ header, claims }) => signJws(header, claims, world.victim.client.dpopKey)),
  );

/** Reads with the victim's token and a forged proof. */
function proofAttack(
  name: string,
  forge: (parts: Parts, world: World) => string | Promise<string>,
  code: ErrorCode = INVALID,
): Attack {
  return httpAttack(`proofs.${name}`, read, code, (world) => sendRead(world, forge), honestRead);
}

/** Reads with a proof that the victim's own key signs over changed claims, as if taken from elsewhere. */
function claimsAttack(
  name: string,
  change: (claims: Record<string, unknown>, world: World) => object,
): Attack {
  return proofAttack(name, ({ header, claims }, world) =>
    signJws(header, { ...claims, ...change(claims, world) }, world.victim.client.dpopKey),
  );
}

/** Reads with a proof that the victim's own key signs under a changed header. */
function headerAttack(name: string, change: object): Attack {
  return proofAttack(`header-${name}`, ({ header, claims }, world) =>
    signJws({ ...header, ...change }, claims, world.victim.client.dpopKey),
  );
}

const nowS = (): number => Math.floor(Date.now() / 1_000);

const taken: Attack[] = [
  claimsAttack('of-another-method', () => ({ htm: 'POST' })),
  claimsAttack('of-the-method-in-small-letters', () => ({ htm: 'get' })),
  claimsAttack('of-another-path', ({ htu }) => ({ htu: String(htu).replace('accounts', 'mandates') })),
  claimsAttack('of-another-version', ({ htu }) => ({ htu: String(htu).replace('/v1/', '/v2/') })),
  claimsAttack('of-another-host', ({ htu }) => ({ htu: String(htu).replace('127.0.0.1', 'localhost') })),
  claimsAttack('of-another-port', ({ htu }) => ({ htu: String(htu).replace(/:\d+\//, ':9/') })),
  claimsAttack('of-another-scheme', ({ htu }) => ({ htu: String(htu).replace(/^https?/, 'ftp') })),
  claimsAttack('of-another-service', (_claims, { victim }) => ({
    htu: `${victim.client.services.card}/v1/cards`,
  })),
  claimsAttack('of-a-longer-path', ({ htu }) => ({ htu: `${String(htu)}/x` })),
  claimsAttack('of-no-url', () => ({ htu: 'accounts' })),
  claimsAttack('old', () => ({ iat: nowS() - 120 })),
  claimsAttack('of-the-future', () => ({ iat: nowS() + 120 })),
  claimsAttack('with-a-huge-time', () => ({ iat: Number.MAX_SAFE_INTEGER })),
  claimsAttack('old-by-a-fraction', () => ({ iat: nowS() - 120.5 })),
  claimsAttack('past-its-own-expiry', () => ({ exp: nowS() - 1 })),
  claimsAttack('before-its-own-start', () => ({ nbf: nowS() + 120 })),
  claimsAttack('without-a-time', () => ({ iat: undefined })),
  claimsAttack('without-ath', () => ({ ath: undefined })),
  claimsAttack('with-ath-of-another-token', (_claims, { thief }) => ({
    ath: createHash('sha256').update(thief.client.accessToken).digest('base64url'),
  })),
  claimsAttack('with-empty-ath', () => ({ ath: '' })),
  claimsAttack('without-jti', () => ({ jti: undefined })),
  claimsAttack('with-nul-in-jti', () => ({ jti: 'a\0b' })),
  claimsAttack('with-a-long-jti', () => ({ jti: 'a'.repeat(129) })),
  claimsAttack('of-4097-characters', () => ({ filler: 'a'.repeat(4_000) })),
];

const otherKeys: Attack[] = [
  proofAttack('none', () => '', 'dpop.invalid'),
  proofAttack('by-the-thief', async ({ header, claims }, { thief: { client } }) =>
    signJws({ ...header, jwk: client.dpopKey.publicJwk }, claims, client.dpopKey),
  ),
  proofAttack('by-the-thief-under-the-victims-key', ({ header, claims }, { thief }) =>
    signJws(header, claims, thief.client.dpopKey),
  ),
  proofAttack('by-a-new-key', async ({ header, claims }) => {
    const own = await newDpopKey();
    return signJws({ ...header, jwk: own.publicJwk }, claims, own);
  }),
  proofAttack(
    'alg-none',
    ({ header, claims }) => `${encode({ ...header, alg: 'none' })}.${encode(claims)}.AA`,
  ),
  proofAttack('alg-hs256-with-public-key', ({ header, claims }, { victim }) =>
    signJws(
      { ...header, alg: 'HS256' },
      claims,
      hmacBy(Buffer.from(victim.client.dpopKey.publicJwk.x!, 'base64url')),
    ),
  ),
  proofAttack('symmetric-jwk', ({ header, claims }) =>
    signJws({ ...header, alg: 'HS256', jwk: { kty: 'oct', k: 'AA' } }, claims, hmacBy(Buffer.from([0]))),
  ),
  proofAttack('rsa-jwk', ({ header, claims }) => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = publicKey.export({ format: 'jwk' });
    return signJws({ ...header, alg: 'RS256', jwk }, claims, (input) => sign('sha256', input, privateKey));
  }),
  proofAttack('es256-over-an-edwards-key', ({ header, claims }) => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return signJws({ ...header, alg: 'ES256' }, claims, (input) =>
      sign('sha256', input, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
    );
  }),
  proofAttack('key-off-the-curve', ({ header, claims }, { victim }) =>
    signJws(
      { ...header, alg: 'ES256', jwk: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' } },
      claims,
      victim.client.dpopKey,
    ),
  ),
  proofAttack('key-of-small-order', ({ header, claims }) => {
    const x = Buffer.alloc(32);
    x[0] = 1;
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') };
    return signJws({ ...header, jwk }, claims, () => Buffer.concat([x, Buffer.alloc(32)]));
  }),
  proofAttack('private-key-in-the-header', ({ header, claims }, { victim }) =>
    signJws({ ...header, jwk: { ...(header['jwk'] as object), d: 'AA' } }, claims, victim.client.dpopKey),
  ),
];

const headers: Attack[] = [
  headerAttack('typ-absent', { typ: undefined }),
  headerAttack('typ-jwt', { typ: 'JWT' }),
  headerAttack('typ-of-a-token', { typ: 'at+jwt' }),
  headerAttack('crit', { crit: ['exp'] }),
  headerAttack('kid', { kid: 'AA' }),
  headerAttack('jku', { jku: 'http://127.0.0.1:9/' }),
  headerAttack('jwk-absent', { jwk: undefined }),
  proofAttack('signature-flipped', async (parts, world) =>
    withSignature(await genuine(parts, world), (bytes) => flipped(bytes, 3)),
  ),
  proofAttack('signature-malleable', async (parts, world) =>
    withSignature(await genuine(parts, world), malleated),
  ),
  proofAttack('other-trailing-bits', async (parts, world) => otherTrailingBits(await genuine(parts, world))),
  proofAttack('two-in-one-header', async (parts, world) => {
    const one = await genuine(parts, world);
    return `${one}, ${one}`;
  }),
  proofAttack('token-instead', (_parts, { victim }) => victim.client.accessToken),
];

const genuine = ({ header, claims }: Parts, { victim }: World): Promise<string> =>
  signJws(header, claims, victim.client.dpopKey);

/** Reads with a proof of the victim's own that counted before. */
const replayed = httpAttack(
  'proofs.replayed-read',
  read,
  'dpop.replayed',
  async (world) => {
    let proof: string | undefined;
    const same = async (parts: Parts): Promise<string> => (proof ??= await genuine(parts, world));
    await sendRead(world, same);
    return sendRead(world, same);
  },
  honestRead,
);

/** Attacks by DPoP proofs that are stolen or forged. */
export const proofAttacks: readonly Attack[] = [...taken, ...otherKeys, ...headers, replayed];
