import type { JWK } from 'jose';
import { Turns } from './turns.ts';

const KEY_BYTES = 32;
/** Maximum number of signatures in a turn of the event loop, about 2 ms. Then other work gets its turn. */
const A_TURN_MAX = 50;

/** Signatures run on this thread, since switching to another thread and back costs as much as one. */
export const turns = new Turns(A_TURN_MAX);

/** Returns the 32 bytes of a public key on Ed25519. @throws Error if `x` has another length */
export function rawPublic({ x = '' }: JWK): Buffer {
  const raw = Buffer.from(x, 'base64url');
  if (raw.length !== KEY_BYTES) throw new Error('x is no public key on Ed25519');
  return raw;
}

/** Returns the 32 bytes of a private key on Ed25519. @throws Error if `d` has another length */
export function rawSeed({ d = '' }: JWK): Buffer {
  const seed = Buffer.from(d, 'base64url');
  if (seed.length !== KEY_BYTES) throw new Error('d is no private key on Ed25519');
  return seed;
}

/** Builds the error for two parts of a JWK that do not belong together. */
export function mismatchError(): Error {
  return new Error('x is not the public key of d');
}
