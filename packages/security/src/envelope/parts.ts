import { envelopeClaims, envelopeHeader, type EnvelopeClaims } from '@tallystick/contracts';
import { compactDecrypt } from 'jose';
import type { DecryptionKey } from '../keyring/jwk.ts';
import { faultsOf } from '../parse/parse.ts';
import { jsonPart } from './claimed.ts';
import { areEnvelopeClaims, type EnvelopePolicy } from './claims.ts';
import { Refusal } from './refusal.ts';

const COMPACT_JWS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const COMPACT_JWE = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/** An envelope whose parts are read but not verified. */
export interface ReadEnvelope {
  jws: string;
  encrypted: boolean;
  /** The payload as JSON; `undefined` if it is not JSON. */
  payload: unknown;
}

/**
 * Reads a record's value as an envelope, and decrypts it if it is encrypted.
 * @throws Refusal of the checks size, shape and encryption
 */
export async function readEnvelope(
  value: Buffer | null,
  keys: readonly DecryptionKey[],
  policy: EnvelopePolicy,
): Promise<ReadEnvelope> {
  const text = textOf(value, policy);
  const encrypted = !COMPACT_JWS.test(text);
  const jws = encrypted ? await decrypt(text, keys) : text;
  return { jws, encrypted, payload: jsonPart(jws.slice(jws.indexOf('.') + 1, jws.lastIndexOf('.'))) };
}

function textOf(value: Buffer | null, policy: EnvelopePolicy): string {
  if (value === null || value.length === 0)
    throw new Refusal('shape', 'envelope.malformed', { detail: 'empty value' });
  if (value.length > policy.valueBytesMax) {
    throw new Refusal('size', 'envelope.too_large', {
      detail: `${value.length} bytes, at most ${policy.valueBytesMax}`,
    });
  }
  // Compact serializations are ASCII; latin1 keeps every other byte visible to the pattern that refuses it.
  return value.toString('latin1');
}

async function decrypt(jwe: string, keys: readonly DecryptionKey[]): Promise<string> {
  // Other trailing bits of base64url would give the same bytes from another text.
  if (!COMPACT_JWE.test(jwe) || !jwe.split('.').every(isCanonical))
    throw new Refusal('shape', 'envelope.malformed');
  const header = jsonPart(jwe.slice(0, jwe.indexOf('.'))) as { kid?: unknown } | undefined;
  const key = keys.find(({ kid }) => kid === header?.kid);
  if (key === undefined)
    throw new Refusal('encryption', 'envelope.decryption_failed', { detail: 'encrypted to another key' });
  try {
    const { plaintext, protectedHeader } = await compactDecrypt(jwe, key.privateKey, {
      keyManagementAlgorithms: ['ECDH-ES'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    const allowed = new Set(['alg', 'enc', 'epk', 'cty', 'kid']);
    if (protectedHeader.cty !== 'JWT' || Object.keys(protectedHeader).some((name) => !allowed.has(name))) {
      throw new Refusal('header', 'envelope.header_refused', { detail: 'JWE header' });
    }
    const jws = new TextDecoder('latin1').decode(plaintext);
    if (!COMPACT_JWS.test(jws)) throw new Refusal('shape', 'envelope.malformed');
    return jws;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal('encryption', 'envelope.decryption_failed');
  }
}

function isCanonical(part: string): boolean {
  return Buffer.from(part, 'base64url').toString('base64url') === part;
}

/** Headers that were parsed before: all headers of a sender are equal. */
const knownHeaders = new Map<string, { kid: string; alg: string }>();
const HEADERS_KNOWN_MAX = 256;
/** No sender needs more; padded headers must not fill the memory. */
const KNOWN_HEADER_LENGTH_MAX = 512;

/** Reads the protected header. @throws Refusal of the checks shape and header */
export function headerOf(jws: string): { kid: string; alg: string } {
  const part = jws.slice(0, jws.indexOf('.'));
  const known = knownHeaders.get(part);
  if (known !== undefined) return known;
  const header = jsonPart(part);
  if (header === undefined)
    throw new Refusal('shape', 'envelope.malformed', { detail: 'the header is not JSON' });
  const result = envelopeHeader.safeParse(header);
  if (!result.success)
    throw new Refusal('header', 'envelope.header_refused', { faults: faultsOf(result.error, '/header') });
  if (part.length > KNOWN_HEADER_LENGTH_MAX) return result.data;
  const [oldest] = knownHeaders.keys();
  if (knownHeaders.size >= HEADERS_KNOWN_MAX && oldest !== undefined) knownHeaders.delete(oldest);
  // A copy: a slice would keep the whole message in memory.
  knownHeaders.set(Buffer.from(part, 'latin1').toString('latin1'), result.data);
  return result.data;
}

/** Reads the claims. @throws Refusal of the checks shape and claims */
export function claimsOf(payload: unknown): EnvelopeClaims {
  if (payload === undefined)
    throw new Refusal('shape', 'envelope.malformed', { detail: 'the payload is not JSON' });
  if (areEnvelopeClaims(payload)) return payload;
  const result = envelopeClaims.safeParse(payload);
  if (!result.success)
    throw new Refusal('claims', 'envelope.claims_invalid', { faults: faultsOf(result.error) });
  return result.data;
}
