import { randomBytes } from 'node:crypto';
import { decryptBytes, encryptBytes, keyIdOf, type FieldPlace } from './encrypt.ts';
import type { KeySet } from './key-set.ts';

/** The use of a data key: it encrypts fields or computes their fingerprints. */
export type KeyPurpose = 'encryption' | 'fingerprint';

/** The name of a data key, to which its wrapped form is bound. */
export interface DataKeyName {
  purpose: KeyPurpose;
  keyId: string;
}

/** A wrapped data key cannot be unwrapped. The message names both keys and holds neither. */
export class UnwrapError extends Error {
  override readonly name = 'UnwrapError';
}

/** Generates a data key of 256 bits, with an id that starts with the date. */
export function newDataKey(nowMs: number): { keyId: string; key: Buffer } {
  const date = new Date(nowMs).toISOString().slice(0, 10);
  return { keyId: `${date}-${randomBytes(4).toString('hex')}`, key: randomBytes(32) };
}

/**
 * Wraps a data key with the current key-encryption key. It uses AES-256-GCM and not AES-KW (RFC 3394), because AES-KW
 * takes no additional data: it could not bind the wrapped key to its id and purpose.
 * @returns in the format of `encryptField`
 */
export function wrapKey(keyEncryptionKeys: KeySet, name: DataKeyName, key: Buffer): Buffer {
  return encryptBytes(keyEncryptionKeys, key, placeOf(name));
}

/**
 * Unwraps a data key.
 * @throws UnwrapError if its key-encryption key is missing or another one of the same id, if the bytes were changed, or
 * if they were wrapped for another id or purpose
 */
export function unwrapKey(keyEncryptionKeys: KeySet, name: DataKeyName, wrapped: Buffer): Buffer {
  const { purpose, keyId } = name;
  const wrapper = wrapperOf(wrapped);
  if (!(wrapper in keyEncryptionKeys.keys))
    throw new UnwrapError(
      `the ${purpose} key ${keyId} is wrapped by the key-encryption key ${wrapper}, which is absent`,
    );
  try {
    return decryptBytes(keyEncryptionKeys, wrapped, placeOf(name));
  } catch {
    throw new UnwrapError(
      `the ${purpose} key ${keyId} cannot be unwrapped by the key-encryption key ${wrapper}: another key has this id, or the wrapped key was changed`,
    );
  }
}

/** Returns the id of the key-encryption key that wrapped a data key. @throws UnwrapError if the bytes are no wrapped key */
export function wrapperOf(wrapped: Buffer): string {
  try {
    return keyIdOf(wrapped);
  } catch {
    throw new UnwrapError('a wrapped key was changed: it has another format');
  }
}

function placeOf({ purpose, keyId }: DataKeyName): FieldPlace {
  return { table: 'data_key', column: 'wrapped', rowId: `${purpose}/${keyId}` };
}
