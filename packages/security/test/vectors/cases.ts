import { messages } from '@tallystick/contracts';
import { CompactEncrypt } from 'jose';

import { sealBatch } from '../../src/index.ts';
import { base64url, flipBit, hmacJws } from '../raw-jws.ts';
import { dayS, hourS, nowS } from '../trust.ts';
import {
  anotherPaymentId,
  command,
  confidentialCommand,
  event,
  headerOf,
  order,
  orderV2,
  paymentId,
  sealed,
} from './messages.ts';
import type { World } from './world.ts';

/** A record with the expected result of a consumer. */
export interface VectorCase {
  name: string;
  topic: string;
  key: string | null;
  /** The text of the record's value; null for a record without a value. */
  value: string | null;
  expected: { ok: true; type: string } | { ok: false; check: string; code: string };
}

type Expected = VectorCase['expected'];
const commands = { topic: command.aud, key: paymentId };
const events = { topic: event.aud, key: paymentId };
const cards = { topic: confidentialCommand.aud, key: confidentialCommand.sub };

const taken = (name: string, value: string, where = commands, type = command.type): VectorCase => ({
  name,
  ...where,
  value,
  expected: { ok: true, type },
});

const refused = (
  check: string,
  code: string,
  name: string,
  value: string | null,
  where: { topic: string; key: string | null } = commands,
): VectorCase => ({ name, ...where, value, expected: { ok: false, check, code } satisfies Expected });

/** Builds the cases of every check of the envelope, in order: messages that pass it or attack it. */
export async function vectorCases(world: World): Promise<VectorCase[]> {
  return [
    ...(await accepted(world)),
    ...(await shapes(world)),
    ...(await headers(world)),
    ...(await claims(world)),
    ...(await keys(world)),
    ...(await signatures(world)),
    ...(await bindings(world)),
    ...(await times(world)),
    ...(await permissions(world)),
    ...(await schemas(world)),
    ...(await encryption(world)),
    ...(await batches(world)),
  ];
}

async function accepted({ acme, acmeP256, retired, ended, payment, card }: World): Promise<VectorCase[]> {
  const eventType = event.type;
  const withNewField = { ...event, data: { ...(event.data as object), addedLater: 'and ignored' } };
  const old = { ...event, iat: nowS - 2 * hourS };
  return [
    taken('a command by Ed25519, named EdDSA', await sealed(acme, command, { alg: 'EdDSA' })),
    taken('a command by Ed25519, named Ed25519 (RFC 9864)', await sealed(acme)),
    taken('a command of version 2', await sealed(acme, { ...command, version: 2, data: orderV2 })),
    taken('a command by ES256', await sealed(acmeP256)),
    taken('a command by a key that is retired and has not ended', await sealed(retired)),
    taken('an event, which has no expiry', await sealed(payment, event), events, eventType),
    taken(
      'an event with a field that this consumer does not know',
      await sealed(payment, withNewField),
      events,
      eventType,
    ),
    taken('an event signed before its key ended', await sealed(ended, old), events, eventType),
    taken(
      'a confidential command, encrypted to the service that owns the topic',
      await encryptedTo(card, await sealed(acme, confidentialCommand)),
      cards,
      confidentialCommand.type,
    ),
  ];
}

async function shapes({ acme }: World): Promise<VectorCase[]> {
  const malformed = (name: string, value: string | null) =>
    refused('shape', 'envelope.malformed', name, value);
  const good = await sealed(acme);
  const deep = `${'['.repeat(40)}${']'.repeat(40)}`;
  const withData = (data: string): string => JSON.stringify(command).replace(JSON.stringify(order), data);
  return [
    malformed('no value', null),
    malformed('an empty value', ''),
    malformed('noise', 'not a JWS, but words'),
    malformed('two parts', good.slice(0, good.lastIndexOf('.'))),
    malformed('four parts', `${good}.AAAA`),
    malformed('a signature that is empty', good.slice(0, good.lastIndexOf('.') + 1)),
    malformed('padding behind base64url', `${good}==`),
    malformed('a line end behind the value', `${good}\n`),
    malformed('a header that is not JSON', `${base64url('{"alg":')}${good.slice(good.indexOf('.'))}`),
    malformed('a payload that is not JSON', await sealed(acme, 'not JSON')),
    malformed('JSON nested 40 levels deep', await sealed(acme, withData(deep))),
    malformed(
      'the key __proto__ in the payload',
      await sealed(acme, withData('{"__proto__":{"polluted":true}}')),
    ),
  ];
}

async function headers({ acme }: World): Promise<VectorCase[]> {
  const header = async (name: string, changes: Record<string, unknown>): Promise<VectorCase> =>
    refused('header', 'envelope.header_refused', name, await sealed(acme, command, changes));
  const publicKey = JSON.stringify(acme.publicJwk);
  return [
    await header('alg none', { alg: 'none' }),
    refused(
      'header',
      'envelope.header_refused',
      'HS256 with the public key as the secret',
      hmacJws({ ...headerOf(acme), alg: 'HS256' }, command, publicKey),
    ),
    await header('alg RS256', { alg: 'RS256' }),
    await header('a key in the header (jwk)', { jwk: acme.publicJwk }),
    await header('an address of keys (jku)', { jku: 'https://attacker.example/keys' }),
    await header('an address of certificates (x5u)', { x5u: 'https://attacker.example/certificate' }),
    await header('certificates in the header (x5c)', { x5c: ['MIIB'] }),
    await header('critical parameters (crit)', { crit: ['exp'] }),
    await header('an unencoded payload (b64)', { b64: false }),
    await header('compression (zip)', { zip: 'DEF' }),
    await header('another typ', { typ: 'JWT' }),
    await header('no typ', { typ: undefined }),
    await header('no kid', { kid: undefined }),
    await header('a kid that is no thumbprint', { kid: '../../keys/acme' }),
  ];
}

async function claims({ acme }: World): Promise<VectorCase[]> {
  const claim = async (name: string, changes: Record<string, unknown>): Promise<VectorCase> =>
    refused('claims', 'envelope.claims_invalid', name, await sealed(acme, { ...command, ...changes }));
  return [
    await claim('a claim that the envelope does not have', { nbf: nowS }),
    await claim('no txn', { txn: undefined }),
    await claim('no jti', { jti: undefined }),
    await claim('no payload', { data: undefined }),
    await claim('iat as text', { iat: String(nowS) }),
    await claim('a fraction as exp', { exp: nowS + 0.5 }),
    await claim('several audiences', { aud: [command.aud, 'account.commands.v1'] }),
  ];
}

async function keys({
  acme,
  stranger,
  revoked,
  ended,
  notYet,
  payment,
  encryptionOnly,
}: World): Promise<VectorCase[]> {
  const invalid = (name: string, value: string) =>
    refused('key_validity', 'envelope.key_not_valid', name, value);
  const endedCommand = { ...command, iss: 'payment' };
  return [
    refused('key', 'envelope.key_unknown', 'a key that nobody certified', await sealed(stranger)),
    refused('key_validity', 'envelope.key_revoked', 'a revoked key', await sealed(revoked)),
    invalid('a key that ended before the message was issued', await sealed(ended, endedCommand)),
    invalid('a key that begins after the message was issued', await sealed(notYet)),
    invalid('a key certified for encryption', await sealed(encryptionOnly)),
    refused(
      'key_validity',
      'envelope.issuer_mismatch',
      "one producer's key under another producer's name",
      await sealed(payment, { ...command, iss: 'acme' }),
    ),
    refused(
      'key_validity',
      'envelope.issuer_mismatch',
      "a service's name over a third party's key",
      await sealed(acme, { ...event, iss: 'payment' }),
      events,
    ),
  ];
}

async function signatures({ acme, acmeP256 }: World): Promise<VectorCase[]> {
  const good = await sealed(acme);
  const wrong = (name: string, value: string) =>
    refused('signature', 'envelope.signature_invalid', name, value);
  const [head, , signature] = good.split('.');
  const raised = base64url(JSON.stringify({ ...command, data: { ...order, amountMinor: 999_999 } }));
  return [
    wrong('a changed bit in the signature', flipBit(good, 2, 7)),
    wrong('a signature over another amount', `${head}.${raised}.${signature}`),
    wrong('a signature that is too short', good.slice(0, -20)),
    wrong('ES256 named for a key on Ed25519', await sealed(acme, command, { alg: 'ES256' })),
    wrong('EdDSA named for a key on P-256', await sealed(acmeP256, command, { alg: 'EdDSA' })),
  ];
}

async function bindings({ acme }: World): Promise<VectorCase[]> {
  const good = await sealed(acme);
  const subject = (name: string, key: string | null) =>
    refused('binding', 'envelope.subject_mismatch', name, good, { topic: command.aud, key });
  return [
    refused('binding', 'envelope.audience_mismatch', 'a message copied to another topic', good, {
      topic: 'account.commands.v1',
      key: paymentId,
    }),
    subject('a message under the key of another payment', anotherPaymentId),
    subject('a message without a record key', null),
  ];
}

async function times({ acme, payment }: World): Promise<VectorCase[]> {
  const at = async (name: string, code: string, changes: Record<string, unknown>): Promise<VectorCase> =>
    refused('time', code, name, await sealed(acme, { ...command, ...changes }));
  return [
    await at('issued later than now and the skew', 'envelope.issued_in_future', { iat: nowS + 31 }),
    await at('expired longer ago than the skew', 'envelope.expired', { iat: nowS - 60, exp: nowS - 30 }),
    await at('a command without expiry', 'envelope.expiry_missing', { exp: undefined }),
    await at('a command that lives too long', 'envelope.lifetime_too_long', {
      iat: nowS,
      exp: nowS + hourS + 1,
    }),
    refused(
      'time',
      'envelope.too_old',
      'an event older than the horizon',
      await sealed(payment, { ...event, iat: nowS - 7 * dayS }),
      events,
    ),
  ];
}

async function permissions({ acme, visitor, payment }: World): Promise<VectorCase[]> {
  const refund = { ...command, type: 'payment.refund' };
  const elsewhere = { ...event, iss: 'acme' };
  const denied = (name: string, value: string, where = commands) =>
    refused('permission', 'envelope.not_permitted', name, value, where);
  return [
    denied('a producer that may send nothing', await sealed(visitor, { ...command, iss: 'visitor' })),
    denied('a type that the producer may not send', await sealed(acme, refund)),
    denied('a topic that the producer may not write to', await sealed(acme, elsewhere), events),
    denied("a service's key used to order", await sealed(payment, { ...command, iss: 'payment' })),
  ];
}

async function schemas({ acme }: World): Promise<VectorCase[]> {
  const data = async (name: string, changes: object, version = 1): Promise<VectorCase> =>
    refused(
      'schema',
      'envelope.schema_invalid',
      name,
      await sealed(acme, { ...command, version, data: { ...order, ...changes } }),
    );
  const unknown = async (name: string, changes: object): Promise<VectorCase> =>
    refused('schema', 'envelope.type_unknown', name, await sealed(acme, { ...command, ...changes }));
  return [
    await unknown('a type that nobody has defined', { type: 'payment.invented' }),
    await data('a payload of version 1 that says it is of version 2', {}, 2),
    await unknown('a version that nobody has defined', { version: 99 }),
    await data('a field that the command does not have', { note: 'please' }),
    await data('an amount of zero', { amountMinor: 0 }),
    await data('a negative amount', { amountMinor: -1 }),
    await data('an amount with a fraction', { amountMinor: 12.5 }),
    await data('an amount as text', { amountMinor: '1250' }),
    await data('an amount past 2^53-1', { amountMinor: 2 ** 53 }),
    await data('an id of another kind', { payeeAccountId: paymentId }),
    await data('a currency that is not kept', { currency: 'XXX' }),
    refused(
      'schema',
      'envelope.subject_mismatch',
      'a payload about another payment than sub',
      await sealed(acme, { ...command, data: { ...order, paymentId: anotherPaymentId } }),
    ),
  ];
}

async function encryption({ acme, card, anotherCard }: World): Promise<VectorCase[]> {
  const jws = await sealed(acme, confidentialCommand);
  const toCard = await encryptedTo(card, jws);
  const failed = (name: string, value: string) =>
    refused('encryption', 'envelope.decryption_failed', name, value, cards);
  return [
    refused('encryption', 'envelope.encryption_required', 'a confidential command in plain', jws, cards),
    failed('encrypted to a key that this service does not have', await encryptedTo(anotherCard, jws)),
    failed('a changed bit in the ciphertext', flipBit(toCard, 3)),
    failed('a changed bit in the authentication tag', flipBit(toCard, 4)),
    failed('another content encryption', await encryptedTo(card, jws, { enc: 'A128CBC-HS256' })),
    failed('another key management', await encryptedTo(card, jws, { alg: 'ECDH-ES+A256KW' })),
    refused(
      'header',
      'envelope.header_refused',
      'a JWE that does not say what it holds (cty)',
      await encryptedTo(card, jws, { cty: undefined }),
      cards,
    ),
    refused('shape', 'envelope.malformed', 'a JWE within a JWE', await encryptedTo(card, toCard), cards),
    refused('shape', 'envelope.malformed', 'a JWE around words', await encryptedTo(card, 'words'), cards),
    refused(
      'key',
      'envelope.key_unknown',
      'a JWE around what a stranger signed',
      await encryptedTo(card, flipBit(jws, 0, 60)),
      cards,
    ),
  ];
}

/** Messages under one signature, whose `alg` is our own. */
async function batches({ acme, batching }: World): Promise<VectorCase[]> {
  const inBatch = (key: World['acme'], size: number) =>
    sealBatch(
      Array.from({ length: size }, (_, at) => ({
        definition: messages.paymentCreate,
        data: { ...order, amountMinor: BigInt(order.amountMinor + at), capture: 'automatic' },
        options: {
          topic: command.aud,
          jti: `batch-${size}-${at}`,
          txn: command.txn,
          version: command.version,
        },
      })),
      { issuer: 'acme', signingKey: key, nowMs: (nowS - 5) * 1000 },
    );
  const of = async (size: number, at: number): Promise<string> => (await inBatch(batching, size))[at]!.value;
  const [first = '', second = ''] = (await inBatch(batching, 5)).map(({ value }) => value);
  const withSignatureOf = (value: string, other: string): string =>
    value.slice(0, value.lastIndexOf('.')) + other.slice(other.lastIndexOf('.'));
  const wrong = (name: string, value: string) =>
    refused('signature', 'envelope.signature_invalid', `in a batch: ${name}`, value);
  const plain = await sealed(batching);
  const rootSignature = Buffer.from(first.split('.')[2] ?? '', 'base64url')
    .subarray(0, 64)
    .toString('base64url');
  return [
    taken('a batch of one', await of(1, 0)),
    taken('the first of a batch of five', first),
    taken('the last of a batch of five, which stands alone in its tree', await of(5, 4)),
    wrong("another record's proof", withSignatureOf(first, second)),
    wrong('another position', flipBit(first, 2, 67)),
    wrong('another size', flipBit(first, 2, 71)),
    wrong('a changed bit in the path', flipBit(first, 2, 72)),
    wrong('a changed bit in the signature of the root', flipBit(first, 2, 3)),
    wrong('a path that is one hash too short', withSignatureOf(first, `.${cut(first, -32)}`)),
    wrong('the signature of the root alone', withSignatureOf(first, `.${rootSignature}`)),
    wrong('the plain signature of another message', withSignatureOf(first, plain)),
    wrong('its signature on a message that says EdDSA', withSignatureOf(plain, first)),
    refused(
      'key_validity',
      'envelope.key_not_valid',
      'in a batch: a key that may not sign batches',
      (await inBatch(acme, 2))[0]!.value,
    ),
  ];
}

/** Returns the signature part of a compact JWS, truncated at a byte. */
function cut(jws: string, end: number): string {
  return Buffer.from(jws.split('.')[2] ?? '', 'base64url')
    .subarray(0, end)
    .toString('base64url');
}

async function encryptedTo(
  { kid, publicJwk }: World['card'],
  plaintext: string,
  header: Record<string, unknown> = {},
): Promise<string> {
  return new CompactEncrypt(Buffer.from(plaintext))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', cty: 'JWT', kid, ...header } as never)
    .encrypt(publicJwk);
}
