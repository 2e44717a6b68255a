import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { comparable } from '../domain/password.ts';

/**
 * argon2id with the parameters of the OWASP password storage cheat sheet: 19 MiB, two passes, one lane. The algorithm
 * is the library's default (its enum exists for types only).
 */
const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Hashes a password with argon2id, in its comparable form. @returns the PHC string */
export function hashPassword(password: string): Promise<string> {
  return hash(comparable(password), ARGON2ID);
}

/**
 * Verifies a password against its hash, with the parameters in the hash. Hashes of earlier releases are of the password
 * as typed, so that form is verified too, for an unknown name as well.
 */
export async function verifyPassword(passwordHash: string, password: string): Promise<boolean> {
  const compared = comparable(password);
  if (await verify(passwordHash, compared)) return true;
  return compared !== password && (await verify(passwordHash, password));
}

/**
 * Creates a hash to verify against if no customer has the name. The answer thus takes as long as for a wrong password.
 */
export function createDecoyHash(): Promise<string> {
  return hashPassword(randomBytes(16).toString('base64url'));
}
