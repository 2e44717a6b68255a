import { hash } from 'node:crypto';
import { v7 } from 'uuid';
import * as z from 'zod';

/** The kind of an id, by the prefix of its UUIDv7 (RFC 9562 §5.7). */
export const idPrefixes = {
  usr: 'customer',
  opr: 'operator',
  acc: 'account',
  hld: 'hold',
  trf: 'transfer',
  mdt: 'mandate',
  crd: 'card',
  ctk: 'card token',
  aut: 'card authorization',
  tok: 'card tokenization',
  pay: 'payment',
  cap: 'capture',
  cxl: 'cancellation',
  rfd: 'refund',
  aud: 'audit entry',
  prp: 'transfer proposal',
} as const;

export type IdPrefix = keyof typeof idPrefixes;

const UUID_V7 = '[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';

const ID_BYTES = 16;
/** Random bytes for many ids: a system call for each id costs more than the rest of its creation. */
const pool = new Uint8Array(256 * ID_BYTES);
let taken = pool.length;

/** In a millisecond, or while the clock is behind, ids count up from a random start (RFC 9562 §6.2, method 1). */
let lastMs = 0;
let sequence = 0;

function uuidv7(): string {
  if (taken === pool.length) {
    crypto.getRandomValues(pool);
    taken = 0;
  }
  const random = pool.subarray(taken, taken + ID_BYTES);
  taken += ID_BYTES;
  const nowMs = Date.now();
  if (nowMs > lastMs) {
    lastMs = nowMs;
    sequence = new DataView(random.buffer, random.byteOffset).getUint32(0) >>> 1;
  } else {
    sequence += 1;
  }
  return v7({ random, msecs: lastMs, seq: sequence });
}

/** Creates a new id, e.g. `pay_0197…`. A later id sorts later. */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${uuidv7()}`;
}

/**
 * Derives an id from other ids, so that a repeated decision produces the same id. It contains the time of the first id
 * and thus sorts next to it.
 * @param from the id whose time the result contains
 * @param others further values that distinguish the result
 */
export function idFrom(prefix: IdPrefix, from: string, ...others: string[]): string {
  return idAt(prefix, idTimeMs(from), from, ...others);
}

/**
 * Derives an id from values and a time.
 * @param timeMs the time that the id contains, in milliseconds since the epoch
 */
export function idAt(prefix: IdPrefix, timeMs: number, ...values: string[]): string {
  return `${prefix}_${uuidFrom(timeMs, hash('sha256', [prefix, ...values].join('\n'), 'hex'))}`;
}

/**
 * Derives a UUIDv7 from a digest, as the text of its parts: a buffer and its bytes took two thirds of the time. The bits
 * behind the time are those of `seq` and `random` in the package uuid, for the digest's bytes 16 to 19 and 0 to 15.
 * @param digest in hexadecimal
 */
function uuidFrom(timeMs: number, digest: string): string {
  const bits = Number.parseInt(digest.slice(35, 40), 16);
  const variant = 0x8000 | (bits >>> 6);
  const middle = ((bits & 0x3f) << 2) | (Number.parseInt(digest.slice(21, 22), 16) & 0x3);
  const node = middle.toString(16).padStart(2, '0') + digest.slice(22, 32);
  return `${timeGroups(timeMs)}-7${digest.slice(32, 35)}-${variant.toString(16)}-${node}`;
}

/** Returns the first two groups of a UUIDv7. */
function timeGroups(timeMs: number): string {
  const hex = timeMs.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}

/** Returns the time in an id with a prefix, in milliseconds since the epoch. */
export function idTimeMs(id: string): number {
  return jtiTimeMs(id.slice(id.indexOf('_') + 1));
}

/** Creates a UUIDv7 without a prefix, as for a message's `jti`. */
export function newJti(): string {
  return uuidv7();
}

/** Returns the lowest UUIDv7 of a time: earlier ids sort before it, later ids after it. */
export function firstJtiAt(ms: number): string {
  return `${timeGroups(Math.max(0, Math.floor(ms)))}-7000-8000-000000000000`;
}

/** Returns the creation time of a UUIDv7, in milliseconds since the epoch. */
export function jtiTimeMs(jti: string): number {
  return Number.parseInt(jti.slice(0, 8) + jti.slice(9, 13), 16);
}

/** Creates the schema of ids of one kind. */
export function id(prefix: IdPrefix): z.ZodString {
  return z
    .string()
    .regex(
      new RegExp(`^${prefix}_${UUID_V7}$`),
      `must be the id of a ${idPrefixes[prefix]}: ${prefix}_ and a UUIDv7`,
    )
    .meta({
      description: `Id of a ${idPrefixes[prefix]}`,
      examples: [`${prefix}_01890a5d-ac96-774b-bcce-b302099a8057`],
    });
}
