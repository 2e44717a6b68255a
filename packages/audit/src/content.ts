import { createHash } from 'node:crypto';
import type { AuditEntry } from '@tallystick/contracts';

/** The hash before the first entry. */
export const CHAIN_START: Buffer = Buffer.alloc(32);

/**
 * Writes an entry as the bytes that are hashed: canonical JSON (RFC 8785). All its values are strings, so the order of its
 * members is all that is left to fix.
 */
export function contentOf(entry: AuditEntry): string {
  const members = Object.entries(entry).filter(([, value]) => value !== undefined);
  return JSON.stringify(Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1))));
}

/**
 * Computes the hash of an entry in its place.
 * @param before the hash of the entry before it, 32 bytes; {@link CHAIN_START} for the first
 * @param content the entry, as {@link contentOf} writes it
 * @returns 32 bytes
 */
export function hashOf(before: Buffer, content: string): Buffer {
  return createHash('sha256').update(before).update(content, 'utf8').digest();
}
