import { createHmac } from 'node:crypto';
import type { SigningKey } from '@tallystick/security';

/** A part of a compact JWS: an object, or its JSON as the attacker writes it. */
export type Part = object | string;

/** Encodes a part as base64url. */
export function encode(part: Part | Buffer): string {
  if (Buffer.isBuffer(part)) return part.toString('base64url');
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
}

/** Decodes the JSON of a part of a compact JWS. */
export function decode(jws: string, at: 0 | 1): Record<string, unknown> {
  return JSON.parse(Buffer.from(jws.split('.')[at]!, 'base64url').toString()) as Record<string, unknown>;
}

/** Signs a header and a payload, whatever they are. */
export async function signJws(
  header: Part,
  payload: Part,
  sign: SigningKey | ((input: Buffer) => Buffer | Promise<Buffer>),
): Promise<string> {
  const input = `${encode(header)}.${encode(payload)}`;
  const bytes = Buffer.from(input, 'latin1');
  const signature = typeof sign === 'function' ? await sign(bytes) : await sign.signer.sign(bytes);
  return `${input}.${signature.toString('base64url')}`;
}

/** Replaces the signature part of a compact JWS. */
export function withSignature(jws: string, change: (signature: Buffer) => Buffer | string): string {
  const at = jws.lastIndexOf('.') + 1;
  const changed = change(Buffer.from(jws.slice(at), 'base64url'));
  return jws.slice(0, at) + (typeof changed === 'string' ? changed : changed.toString('base64url'));
}

/** Returns a signer with HMAC SHA-256, for the confusion of a public key with a secret. */
export function hmacBy(secret: Buffer | string): (input: Buffer) => Buffer {
  return (input) => createHmac('sha256', secret).update(input).digest();
}

/** Flips the lowest bit of a byte. */
export function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 1;
  return copy;
}

/** The order of the group of Ed25519 (RFC 8032 §5.1). */
const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/** Adds the group's order to S of an Ed25519 signature: a verifier without a check of S takes it too (RFC 8032 §8.4). */
export function malleated(signature: Buffer): Buffer {
  const s = BigInt(`0x${Buffer.from(signature.subarray(32).toReversed()).toString('hex')}`) + GROUP_ORDER;
  const bytes = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').toReversed();
  return Buffer.concat([signature.subarray(0, 32), bytes]);
}

/** The order of the group of P-256 (FIPS 186-5). */
const NIST_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** Returns the other ECDSA signature of the same bytes: it has n − s for s, and is as valid. */
export function otherSignature(signature: Buffer): Buffer {
  const s = NIST_ORDER - BigInt(`0x${signature.subarray(32).toString('hex')}`);
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]);
}

/** Sets unused bits in the last character, so that another text decodes to the same bytes. */
export function otherTrailingBits(jws: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return jws.slice(0, -1) + alphabet[alphabet.indexOf(jws.at(-1)!) ^ 1]!;
}
