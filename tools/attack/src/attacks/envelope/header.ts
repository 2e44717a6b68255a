import { generateKeyPairSync, sign } from 'node:crypto';
import { newDpopKey } from '@tallystick/demo';
import { BATCH_ALG } from '@tallystick/contracts';
import type { Attack } from '../../attack.ts';
import { hmacBy } from '../../forge/jws.ts';
import { envelope, recordAttack, unsigned, type Honest } from '../../kafka/order.ts';

const REFUSED = 'envelope.header_refused';

/** Signs an order whose header has these further or changed parameters. */
function headerAttack(name: string, changes: object, reason = REFUSED): Attack {
  return recordAttack(`envelope.header-${name}`, reason, async (honest) => ({
    value: await envelope(honest, { header: { ...honest.header, ...changes } }),
  }));
}

const publicBytes = ({ signer }: Honest): Buffer => Buffer.from(signer.publicJwk.x!, 'base64url');
const evil = 'http://127.0.0.1:9/keys.json';

/** Attacks that choose the algorithm. */
const algorithms: Attack[] = [
  recordAttack('envelope.alg-none', REFUSED, ({ header, claims }) => ({
    value: `${unsigned({ ...header, alg: 'none' }, claims)}.AA`,
  })),
  recordAttack('envelope.alg-none-in-capitals', REFUSED, ({ header, claims }) => ({
    value: `${unsigned({ ...header, alg: 'NoNe' }, claims)}.AA`,
  })),
  recordAttack('envelope.alg-none-without-signature', 'envelope.malformed', ({ header, claims }) => ({
    value: `${unsigned({ ...header, alg: 'none' }, claims)}.`,
  })),
  recordAttack('envelope.alg-hs256-with-public-key', REFUSED, async (honest) => ({
    value: await envelope(honest, {
      header: { ...honest.header, alg: 'HS256' },
      sign: hmacBy(publicBytes(honest)),
    }),
  })),
  recordAttack('envelope.alg-hs256-with-public-jwk', REFUSED, async (honest) => ({
    value: await envelope(honest, {
      header: { ...honest.header, alg: 'HS256' },
      sign: hmacBy(JSON.stringify(honest.signer.publicJwk)),
    }),
  })),
  recordAttack('envelope.hmac-under-the-genuine-alg', 'envelope.signature_invalid', async (honest) => ({
    value: await envelope(honest, { sign: hmacBy(publicBytes(honest)) }),
  })),
  recordAttack('envelope.alg-rs256', REFUSED, async (honest) => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    return {
      value: await envelope(honest, {
        header: { ...honest.header, alg: 'RS256' },
        sign: (input) => sign('sha256', input, privateKey),
      }),
    };
  }),
  recordAttack('envelope.alg-es256-on-another-curve', 'envelope.signature_invalid', async (honest) => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return {
      value: await envelope(honest, {
        header: { ...honest.header, alg: 'ES256' },
        sign: (input) => sign('sha256', input, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
      }),
    };
  }),
  recordAttack('envelope.alg-ed448', REFUSED, async (honest) => {
    const { privateKey } = generateKeyPairSync('ed448');
    return {
      value: await envelope(honest, {
        header: { ...honest.header, alg: 'Ed448' },
        sign: (input) => sign(null, input, privateKey),
      }),
    };
  }),
  headerAttack('alg-absent', { alg: undefined }),
  headerAttack('alg-is-a-list', { alg: ['EdDSA', 'none'] }),
  headerAttack('alg-of-batches-without-the-right', { alg: BATCH_ALG }, 'envelope.key_not_valid'),
];

/** Attacks that bring their own key, or name one elsewhere. */
const keys: Attack[] = [
  ...Object.entries({ jku: evil, x5u: evil, x5t: 'AA', x5c: ['AA=='] }).map(([name, value]) =>
    headerAttack(name, { [name]: value }),
  ),
  recordAttack('envelope.header-jwk', REFUSED, async (honest) => {
    const own = await newDpopKey();
    const header = { ...honest.header, jwk: own.publicJwk };
    return { value: await envelope(honest, { header, sign: own }) };
  }),
  headerAttack('kid-path', { kid: '../../keys/root.jwk.json' }),
  headerAttack('kid-of-a-device', { kid: '/dev/null' }),
  headerAttack('kid-sql', { kid: "' UNION SELECT 'AA' --" }),
  headerAttack('kid-url', { kid: evil }),
  headerAttack('kid-absent', { kid: undefined }),
  headerAttack('kid-is-an-object', { kid: { toString: 'x' } }),
  headerAttack('kid-is-prototype', { kid: '__proto__' }, REFUSED),
  headerAttack('kid-is-too-long', { kid: 'A'.repeat(5_000) }),
];

/** Attacks on the meaning of the header. */
const meaning: Attack[] = [
  headerAttack('crit-unknown', { crit: ['http://example.com/x'], 'http://example.com/x': true }),
  headerAttack('crit-empty', { crit: [] }),
  headerAttack('b64-false', { b64: false, crit: ['b64'] }),
  headerAttack('b64-without-crit', { b64: false }),
  headerAttack('zip', { zip: 'DEF' }),
  headerAttack('cty-nested', { cty: 'JWT' }),
  headerAttack('typ-absent', { typ: undefined }),
  headerAttack('typ-of-a-token', { typ: 'at+jwt' }),
  headerAttack('typ-of-a-proof', { typ: 'dpop+jwt' }),
  headerAttack('typ-of-a-certificate', { typ: 'tallystick-key+jwt' }),
  headerAttack('typ-of-a-snapshot', { typ: 'tallystick-keys-snapshot+jwt' }),
  recordAttack('envelope.header-second-alg-wins', 'envelope.malformed', async (honest) => ({
    value: await envelope(honest, {
      header: JSON.stringify(honest.header).replace('}', ',"alg":"none"}'),
    }),
  })),
  recordAttack('envelope.header-proto', 'envelope.malformed', async (honest) => ({
    value: await envelope(honest, {
      header: JSON.stringify(honest.header).replace('{', '{"__proto__":{"alg":"none"},'),
    }),
  })),
  recordAttack('envelope.header-not-json', 'envelope.malformed', async (honest) => ({
    value: await envelope(honest, { header: '{alg:EdDSA}' }),
  })),
  recordAttack('envelope.header-is-a-list', REFUSED, async (honest) => ({
    value: await envelope(honest, { header: [honest.header] }),
  })),
];

/** Attacks through the protected header of an envelope. */
export const headerAttacks: readonly Attack[] = [...algorithms, ...keys, ...meaning];
