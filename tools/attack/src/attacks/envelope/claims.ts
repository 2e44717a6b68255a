import { envelopeClaims, newId, topics, type TopicName } from '@tallystick/contracts';
import type { Attack } from '../../attack.ts';
import { envelope, ORDERS, recordAttack, type Honest } from '../../kafka/order.ts';

const CLAIMS = 'envelope.claims_invalid';
const SCHEMA = 'envelope.schema_invalid';

type Claims = Honest['claims'];

/** Signs an order with changed claims. */
function claimsAttack(name: string, change: (claims: Claims) => object | string, reason = CLAIMS): Attack {
  return recordAttack(`envelope.claims-${name}`, reason, async (honest) => ({
    value: await envelope(honest, { claims: change(honest.claims) }),
  }));
}

/** Signs an order whose payload has these members. */
function dataAttack(name: string, changes: object, reason = SCHEMA): Attack {
  return recordAttack(`envelope.data-${name}`, reason, async (honest) => ({
    value: await envelope(honest, {
      claims: { ...honest.claims, data: { ...honest.claims.data, ...changes } },
    }),
  }));
}

/** Writes an order's amount as this JSON. */
function amountAttack(name: string, json: string, reason = SCHEMA): Attack {
  return recordAttack(`envelope.amount-${name}`, reason, async (honest) => ({
    value: await envelope(honest, {
      claims: JSON.stringify(honest.claims).replace(/"amountMinor":\d+/, `"amountMinor":${json}`),
    }),
  }));
}

const optional = new Set(['cause', 'exp']);
const nowS = (): number => Math.floor(Date.now() / 1_000);

/** Each claim left out, as contracts list them. */
const absent: Attack[] = Object.keys(envelopeClaims.shape)
  .filter((name) => !optional.has(name))
  .map((name) => claimsAttack(`without-${name}`, (claims) => ({ ...claims, [name]: undefined })));

const shapes: Attack[] = [
  claimsAttack('with-an-unknown-one', (claims) => ({ ...claims, admin: true })),
  claimsAttack('as-a-list', (claims) => [claims]),
  claimsAttack('as-null', () => 'null'),
  claimsAttack('not-json', () => '{', 'envelope.malformed'),
  claimsAttack(
    'proto',
    (claims) => JSON.stringify(claims).replace('{', '{"__proto__":{},'),
    'envelope.malformed',
  ),
  claimsAttack('nested-too-deep', (claims) => ({ ...claims, data: deep(40) }), 'envelope.malformed'),
  claimsAttack(
    'nested-50000-levels',
    (claims) =>
      JSON.stringify(claims).replace('"data":', `"data":${'['.repeat(50_000)}${']'.repeat(50_000)},"x":`),
    'envelope.malformed',
  ),
  claimsAttack('jti-with-nul', (claims) => ({ ...claims, jti: 'a\0b' })),
  claimsAttack('jti-too-long', (claims) => ({ ...claims, jti: 'a'.repeat(65) })),
  claimsAttack('jti-is-empty', (claims) => ({ ...claims, jti: '' })),
  claimsAttack('sub-is-an-object', (claims) => ({ ...claims, sub: { key: claims.sub } })),
  claimsAttack('type-is-a-list', (claims) => ({ ...claims, type: [claims.type] })),
  claimsAttack('iss-in-other-letters', (claims) => ({ ...claims, iss: 'аcme' })),
  claimsAttack('aud-is-a-list', (claims) => ({ ...claims, aud: [claims.aud, 'account.commands.v1'] })),
];

const times: Attack[] = [
  claimsAttack(
    'iat-in-the-future',
    (claims) => ({ ...claims, iat: nowS() + 120, exp: nowS() + 300 }),
    'envelope.issued_in_future',
  ),
  claimsAttack('iat-is-huge', (claims) => JSON.stringify(claims).replace(/"iat":\d+/, '"iat":1e300')),
  claimsAttack('iat-is-negative', (claims) => ({ ...claims, iat: -1 })),
  claimsAttack('iat-is-a-fraction', (claims) => ({ ...claims, iat: nowS() + 0.5 })),
  claimsAttack('iat-is-text', (claims) => ({ ...claims, iat: String(nowS()) })),
  claimsAttack('iat-before-the-key', (claims) => ({ ...claims, iat: 1 }), 'envelope.key_not_valid'),
  claimsAttack(
    'expired',
    (claims) => ({ ...claims, iat: nowS() - 50, exp: nowS() - 40 }),
    'envelope.expired',
  ),
  claimsAttack('exp-absent', (claims) => ({ ...claims, exp: undefined }), 'envelope.expiry_missing'),
  claimsAttack('exp-before-iat', (claims) => ({ ...claims, exp: nowS() - 3_600 }), 'envelope.expired'),
  claimsAttack(
    'lifetime-too-long',
    (claims) => ({ ...claims, exp: nowS() + 7_200 }),
    'envelope.lifetime_too_long',
  ),
  claimsAttack('exp-is-huge', (claims) => JSON.stringify(claims).replace(/"exp":\d+/, '"exp":1e400')),
  claimsAttack(
    'exp-is-the-largest-integer',
    (claims) => ({ ...claims, exp: Number.MAX_SAFE_INTEGER }),
    'envelope.lifetime_too_long',
  ),
];

const versions: Attack[] = [
  claimsAttack('version-of-the-future', (claims) => ({ ...claims, version: 99 }), 'envelope.type_unknown'),
  claimsAttack('version-is-zero', (claims) => ({ ...claims, version: 0 })),
  claimsAttack('version-is-text', (claims) => ({ ...claims, version: '2' })),
  claimsAttack('version-is-huge', (claims) => ({ ...claims, version: 10_000 })),
  claimsAttack('type-unknown', (claims) => ({ ...claims, type: 'payment.steal' }), 'envelope.not_permitted'),
  claimsAttack(
    'type-is-prototype',
    (claims) => ({ ...claims, type: 'constructor' }),
    'envelope.not_permitted',
  ),
  claimsAttack(
    'type-of-the-ledger',
    (claims) => ({ ...claims, type: 'account.hold.place' }),
    'envelope.not_permitted',
  ),
  claimsAttack(
    'type-of-an-event',
    (claims) => ({ ...claims, type: 'payment.captured' }),
    'envelope.not_permitted',
  ),
];

const amounts: Attack[] = [
  amountAttack('is-zero', '0'),
  amountAttack('is-negative', '-900'),
  amountAttack('is-a-fraction', '900.5'),
  amountAttack('is-beyond-2-53', '9007199254740993'),
  amountAttack('is-1e400', '1e400'),
  amountAttack('has-400-digits', `1${'0'.repeat(400)}`),
  amountAttack('is-text', '"900"'),
  amountAttack('is-null', 'null'),
  amountAttack('is-a-list', '[900]'),
  amountAttack('is-hexadecimal', '0x384', 'envelope.malformed'),
  amountAttack('is-nan', 'NaN', 'envelope.malformed'),
];

const payloads: Attack[] = [
  dataAttack('with-an-unknown-member', { admin: true }),
  dataAttack('currency-unknown', { currency: 'XXX' }),
  dataAttack('currency-in-small-letters', { currency: 'eur' }),
  dataAttack('end-to-end-id-with-nul', { endToEndId: 'A\0B' }),
  dataAttack('end-to-end-id-sql', { endToEndId: "x'; DROP TABLE payment; --" }),
  dataAttack('end-to-end-id-too-long', { endToEndId: 'A'.repeat(36) }),
  dataAttack('payee-of-an-unknown-kind', { payee: { kind: 'iban', iban: 'DE00' } }),
  dataAttack('source-of-two-kinds', {
    source: { kind: 'account', accountId: newId('acc'), cardId: newId('crd') },
  }),
  dataAttack('payee-is-an-id-of-another-kind', { payee: { kind: 'account', accountId: newId('usr') } }),
  dataAttack('id-is-that-of-another-payment', { paymentId: newId('pay') }, 'envelope.subject_mismatch'),
];

/** The copies of an order on every other topic of commands, and under other record keys. */
const copies: Attack[] = [
  ...(Object.keys(topics) as TopicName[])
    .filter((topic) => topic.includes('.commands.') && topic !== ORDERS)
    .map((topic) =>
      recordAttack(
        `envelope.copied-to-${topic.split('.')[0]}`,
        'envelope.audience_mismatch',
        async (honest) => ({ value: await envelope(honest) }),
        topic,
      ),
    ),
  claimsAttack(
    'aud-is-another-topic',
    (claims) => ({ ...claims, aud: 'account.commands.v1' }),
    'envelope.audience_mismatch',
  ),
  claimsAttack(
    'aud-with-a-space',
    (claims) => ({ ...claims, aud: `${String(claims.aud)} ` }),
    'envelope.audience_mismatch',
  ),
  recordAttack('envelope.copied-to-another-key', 'envelope.subject_mismatch', async (honest) => ({
    value: await envelope(honest),
    key: newId('pay'),
  })),
  recordAttack('envelope.copied-to-a-longer-key', 'envelope.subject_mismatch', async (honest) => ({
    value: await envelope(honest),
    key: `${honest.key} `,
  })),
  recordAttack('envelope.copied-to-no-key', 'envelope.subject_mismatch', async (honest) => ({
    value: await envelope(honest),
    key: '',
  })),
];

/** Attacks through the claims of an envelope, signed by a holder of a genuine key. */
export const claimsAttacks: readonly Attack[] = [
  ...absent,
  ...shapes,
  ...times,
  ...versions,
  ...amounts,
  ...payloads,
  ...copies,
];

function deep(levels: number): unknown {
  return levels === 0 ? 'x' : [deep(levels - 1)];
}
