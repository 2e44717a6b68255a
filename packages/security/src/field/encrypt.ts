import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { KeySet } from './key-set.ts';

const FORMAT = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** The place of a ciphertext. It can be decrypted only there. */
export interface FieldPlace {
  table: string;
  column: string;
  rowId: string;
}

/**
 * Encrypts one field with AES-256-GCM (NIST SP 800-38D), bound to its row as additional data.
 * @returns format (1 byte) ‖ length of the key id (1 byte) ‖ key id ‖ IV (12) ‖ ciphertext ‖ tag (16)
 */
export function encryptField(keys: KeySet, plaintext: string, place: FieldPlace): Buffer {
  return encryptBytes(keys, Buffer.from(plaintext, 'utf8'), place);
}

/**
 * Decrypts a field that {@link encryptField} encrypted.
 * @throws if the key is missing, the bytes were changed, or they come from another row: a broken invariant
 */
export function decryptField(keys: KeySet, encrypted: Buffer, place: FieldPlace): string {
  return decryptBytes(keys, encrypted, place).toString('utf8');
}

/** Encrypts bytes as {@link encryptField} does text. */
export function encryptBytes({ current, keys }: KeySet, plaintext: Buffer, place: FieldPlace): Buffer {
  const keyId = Buffer.from(current, 'ascii');
  const head = Buffer.concat([Buffer.from([FORMAT, keyId.length]), keyId]);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keys[current]!, iv);
  cipher.setAAD(additionalData(head, place));
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([head, iv, body, cipher.getAuthTag()]);
}

/** Decrypts bytes as {@link decryptField} does text. @throws as {@link decryptField} */
export function decryptBytes({ keys }: KeySet, encrypted: Buffer, place: FieldPlace): Buffer {
  const keyId = keyIdOf(encrypted);
  const key = keys[keyId];
  if (key === undefined) throw new Error('the key of this field is not among the field keys');
  const headEnd = HEAD_BYTES + keyId.length;
  const ivEnd = headEnd + IV_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, encrypted.subarray(headEnd, ivEnd));
  decipher.setAAD(additionalData(encrypted.subarray(0, headEnd), place));
  decipher.setAuthTag(encrypted.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(encrypted.subarray(ivEnd, -TAG_BYTES)), decipher.final()]);
}

/** Bytes before the key id. */
const HEAD_BYTES = 2;

/** Returns the id of the key that encrypted a field. @throws if the bytes are not an encrypted field */
export function keyIdOf(encrypted: Buffer): string {
  const headEnd = HEAD_BYTES + (encrypted[1] ?? 0);
  if (encrypted[0] !== FORMAT || encrypted.length < headEnd + IV_BYTES + TAG_BYTES)
    throw new Error('not an encrypted field');
  return encrypted.subarray(HEAD_BYTES, headEnd).toString('ascii');
}

/** An HMAC with the id of its key. */
export interface Fingerprint {
  keyId: string;
  value: Buffer;
}

/**
 * Computes the HMAC-SHA256 (RFC 2104), under the current key, that finds an encrypted value without decryption.
 * @param purpose separates the fingerprints of different fields, e.g. `card.number`
 */
export function fingerprint({ current, keys }: KeySet, purpose: string, value: string): Fingerprint {
  return { keyId: current, value: hmacOf(keys[current]!, purpose, value) };
}

/** Computes a value's fingerprint under each key: while a key is being replaced, rows have that of either key. */
export function fingerprintsOf({ keys }: KeySet, purpose: string, value: string): Buffer[] {
  return Object.values(keys).map((key) => hmacOf(key, purpose, value));
}

function hmacOf(key: Buffer, purpose: string, value: string): Buffer {
  return createHmac('sha256', key).update(`${purpose}\0${value}`, 'utf8').digest();
}

function additionalData(head: Buffer, { table, column, rowId }: FieldPlace): Buffer {
  return Buffer.concat([head, Buffer.from(`\0${table}\0${column}\0${rowId}`, 'utf8')]);
}
