import { createHmac } from 'node:crypto';

import type { SigningKey } from '../src/index.ts';

export const base64url = (text: string | Uint8Array): string => Buffer.from(text).toString('base64url');

/**
 * Signs a compact JWS with an arbitrary protected header, which honest libraries do not create.
 * @param payload JSON text, or a value to encode as JSON
 */
export async function rawJws(header: object | string, payload: unknown, key: SigningKey): Promise<string> {
  const head = base64url(typeof header === 'string' ? header : JSON.stringify(header));
  const body = base64url(typeof payload === 'string' ? payload : JSON.stringify(payload));
  return `${head}.${body}.${await signature(`${head}.${body}`, key)}`;
}

async function signature(signingInput: string, key: SigningKey): Promise<string> {
  const algorithm = key.alg === 'ES256' ? { name: 'ECDSA', hash: 'SHA-256' } : { name: 'Ed25519' };
  const bytes = await crypto.subtle.sign(algorithm, key.privateKey, Buffer.from(signingInput));
  return base64url(new Uint8Array(bytes));
}

/** Creates the classic confusion attack: an HMAC whose secret is the public key. */
export function hmacJws(header: object, payload: object, secret: string): string {
  const input = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(payload))}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

/** Changes one bit of one part (0 header, 1 payload, 2 signature) of a compact serialization. */
export function flipBit(compact: string, part: number, byte = 0): string {
  const parts = compact.split('.');
  const bytes = Buffer.from(parts[part] ?? '', 'base64url');
  bytes[byte % bytes.length]! ^= 1;
  parts[part] = bytes.toString('base64url');
  return parts.join('.');
}
