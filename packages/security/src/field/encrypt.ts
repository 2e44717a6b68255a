import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { FieldKeys } from './field-keys.ts';

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
export function encryptField(keys: FieldKeys, plaintext: string, place: FieldPlace): Buffer {
  const keyId = Buffer.from(keys.current, 'ascii');
  const head = Buffer.concat([Buffer.from([FORMAT, keyId.length]), keyId]);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keys.encryption[keys.current]!, iv);
  cipher.setAAD(additionalData(head, place));
  const body = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
  return Buffer.concat([head, iv, body, cipher.getAuthTag()]);
}

/**
 * Decrypts a field that {@link encryptField} encrypted.
 * @throws if the key is missing, the bytes were changed, or they come from another row: a broken invariant
 */
export function decryptField(keys: FieldKeys, encrypted: Buffer, place: FieldPlace): string {
  const keyIdEnd = 2 + (encrypted[1] ?? 0);
  if (encrypted[0] !== FORMAT || encrypted.length < keyIdEnd + IV_BYTES + TAG_BYTES)
    throw new Error('not an encrypted field');
  const head = encrypted.subarray(0, keyIdEnd);
  const key = keys.encryption[head.subarray(2).toString('ascii')];
  if (key === undefined) throw new Error('the key of this field is not among the field keys');
  const decipher = createDecipheriv('aes-256-gcm', key, encrypted.subarray(keyIdEnd, keyIdEnd + IV_BYTES));
  decipher.setAAD(additionalData(head, place));
  decipher.setAuthTag(encrypted.subarray(-TAG_BYTES));
  const body = encrypted.subarray(keyIdEnd + IV_BYTES, -TAG_BYTES);
  return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
}

/**
 * Computes the HMAC-SHA256 (RFC 2104) that finds an encrypted value without decryption.
 * @param purpose separates the fingerprints of different fields, e.g. `card.number`
 */
export function fingerprint(keys: FieldKeys, purpose: string, value: string): Buffer {
  return createHmac('sha256', keys.fingerprint).update(`${purpose}\0${value}`, 'utf8').digest();
}

function additionalData(head: Buffer, { table, column, rowId }: FieldPlace): Buffer {
  return Buffer.concat([head, Buffer.from(`\0${table}\0${column}\0${rowId}`, 'utf8')]);
}
