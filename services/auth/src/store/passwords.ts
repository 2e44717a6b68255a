import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';

/**
 * argon2id by the OWASP password storage cheat sheet: 19 MiB, two passes, one lane. The algorithm is the library's
 * default (its enum exists for types only).
 */
const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Hashes a password with argon2id. @returns the PHC string */
export function hashPassword(password: string): Promise<string> {
  return hash(password, ARGON2ID);
}

/** Compares a password with its hash, at the parameters that the hash names. */
export function verifyPassword(passwordHash: string, password: string): Promise<boolean> {
  return verify(passwordHash, password);
}

/** Verified against where no customer has the name, so that this answer takes as long as a wrong password. */
export function createDecoyHash(): Promise<string> {
  return hashPassword(randomBytes(16).toString('base64url'));
}
