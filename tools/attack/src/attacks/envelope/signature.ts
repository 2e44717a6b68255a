import type { Attack } from '../../attack.ts';
import { decode, encode, flipped, malleated, otherTrailingBits, withSignature } from '../../forge/jws.ts';
import { envelope, honestOrder, recordAttack, type Written, type Honest } from '../../kafka/order.ts';

const INVALID = 'envelope.signature_invalid';
const MALFORMED = 'envelope.malformed';

function signatureAttack(
  name: string,
  change: (signature: Buffer) => Buffer | string,
  reason = INVALID,
): Attack {
  return recordAttack(`envelope.signature-${name}`, reason, async (honest) => ({
    value: withSignature(await envelope(honest), change),
  }));
}

function textAttack(
  name: string,
  change: (jws: string, honest: Honest) => Written['value'],
  reason = MALFORMED,
): Attack {
  return recordAttack(`envelope.text-${name}`, reason, async (honest) => ({
    value: change(await envelope(honest), honest),
  }));
}

/** Attacks on the signature part: altered, cut, malleated, moved. */
const signatures: Attack[] = [
  signatureAttack('flipped-in-r', (signature) => flipped(signature, 5)),
  signatureAttack('flipped-in-s', (signature) => flipped(signature, 40)),
  signatureAttack('flipped-last-bit', (signature) => flipped(signature, 63)),
  signatureAttack('malleable-s', malleated),
  signatureAttack('zeros', () => Buffer.alloc(64)),
  signatureAttack('of-the-neutral-point', () => Buffer.concat([Buffer.from([1]), Buffer.alloc(63)])),
  signatureAttack('cut', (signature) => signature.subarray(0, 63)),
  signatureAttack('halved', (signature) => signature.subarray(0, 32)),
  signatureAttack('lengthened', (signature) => Buffer.concat([signature, Buffer.from([0])])),
  signatureAttack('doubled', (signature) => Buffer.concat([signature, signature])),
  signatureAttack('empty', () => '', MALFORMED),
  recordAttack('envelope.signature-of-another-order', INVALID, async (honest, world) => {
    const other = await envelope(await honestOrder(world));
    return { value: withSignature(await envelope(honest), () => other.slice(other.lastIndexOf('.') + 1)) };
  }),
  recordAttack('envelope.payload-altered', INVALID, async (honest) => {
    const [header, , signature] = (await envelope(honest)).split('.');
    const claims = { ...honest.claims, data: { ...honest.claims.data, amountMinor: 9_999 } };
    return { value: `${header}.${encode(claims)}.${signature}` };
  }),
  recordAttack('envelope.payload-written-otherwise', INVALID, async (honest) => {
    const [header, , signature] = (await envelope(honest)).split('.');
    return { value: `${header}.${encode(JSON.stringify(honest.claims, undefined, 1))}.${signature}` };
  }),
  recordAttack('envelope.header-written-otherwise', INVALID, async (honest) => {
    const [, payload, signature] = (await envelope(honest)).split('.');
    return { value: `${encode(JSON.stringify(honest.header, undefined, 1))}.${payload}.${signature}` };
  }),
];

/** Attacks on the text around the parts. */
const texts: Attack[] = [
  textAttack('other-trailing-bits', otherTrailingBits, INVALID),
  textAttack('padded', (jws) => `${jws}==`),
  textAttack('newline', (jws) => `${jws}\n`),
  textAttack('leading-space', (jws) => ` ${jws}`),
  textAttack('byte-order-mark', (jws) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(jws)])),
  textAttack('nul-at-the-end', (jws) => `${jws}\0`),
  textAttack('standard-alphabet', (jws) => `${jws.slice(0, -2)}+/`),
  textAttack('percent-encoded', (jws) => jws.replaceAll('.', '%2E')),
  textAttack('two-parts', (jws) => jws.slice(0, jws.lastIndexOf('.'))),
  textAttack('four-parts', (jws) => `${jws}.AA`),
  textAttack('five-parts', (jws) => `${jws}.AA.AA`, 'envelope.decryption_failed'),
  textAttack('json-serialization', (jws) => {
    const [header, payload, signature] = jws.split('.');
    return JSON.stringify({ payload, protected: header, signature });
  }),
  textAttack('json-with-several-signatures', (jws) => {
    const [header, payload, signature] = jws.split('.');
    return JSON.stringify({ payload, signatures: [{ protected: header, signature }] });
  }),
  textAttack('json-instead-of-jws', (_jws, { claims }) => JSON.stringify(claims)),
  textAttack('detached-payload', (jws) => {
    const [header, , signature] = jws.split('.');
    return `${header}..${signature}`;
  }),
  textAttack('empty', () => ''),
  textAttack('tombstone', () => null),
  textAttack('utf-16', (jws) => Buffer.from(jws, 'utf16le')),
  textAttack('too-large', (jws) => jws + 'A'.repeat(262_144), 'envelope.too_large'),
  textAttack('noise', () => Buffer.alloc(1_000_000, 0xa5), 'envelope.too_large'),
];

/** Attacks by envelopes within envelopes. */
const nested: Attack[] = [
  recordAttack('envelope.nested-as-payload', MALFORMED, async (honest) => ({
    value: await envelope(honest, { claims: await envelope(honest) }),
  })),
  recordAttack('envelope.nested-as-json-text', 'envelope.claims_invalid', async (honest) => ({
    value: await envelope(honest, { claims: JSON.stringify(await envelope(honest)) }),
  })),
  recordAttack('envelope.nested-in-data', 'envelope.schema_invalid', async (honest) => ({
    value: await envelope(honest, { claims: { ...honest.claims, data: await envelope(honest) } }),
  })),
  recordAttack('envelope.nested-ten-times', MALFORMED, async (honest) => {
    let value = await envelope(honest);
    for (let level = 0; level < 10; level += 1) value = await envelope(honest, { claims: value });
    return { value };
  }),
  recordAttack('envelope.header-of-one-payload-of-another', INVALID, async (honest, world) => {
    const other = await honestOrder(world, {}, world.producers.outlaw);
    const [header] = (await envelope(other)).split('.');
    const [, payload, signature] = (await envelope(honest)).split('.');
    // The claimed issuer is then that of the other key.
    const claims = { ...decode(`.${payload}`, 1), iss: world.producers.outlaw.id };
    return { value: `${header}.${encode(claims)}.${signature}` };
  }),
];

/** Attacks on the signature and the text of an envelope. */
export const signatureAttacks: readonly Attack[] = [...signatures, ...texts, ...nested];
