import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';

/**
 * argon2id with the parameters of the OWASP password storage cheat sheet: 19 MiB, two passes, one lane. The algorithm
 * is the library's default (its enum exists for types only).
 */
const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Hashes a password with argon2id. @returns the PHC string */
export function hashPassword(password: string): Promise<string> {
  return hash(password, ARGON2ID);
}

/** Verifies a password against its hash, with the parameters in the hash. */
export function verifyPassword(passwordHash: string, password: string): Promise<boolean> {
  return verify(passwordHash, password);
}

/**
 * Creates a hash to verify against if no customer has the name. The answer thus takes as long as for a wrong password.
 */
export function createDecoyHash(): Promise<string> {
  return hashPassword(randomBytes(16).toString('base64url'));
}
