import type { DataKeyName, Fingerprint } from '@tallystick/security';

/** A data key as stored: wrapped by a key-encryption key. */
export interface StoredKey extends DataKeyName {
  wrapped: Buffer;
  /** Milliseconds since 1970. */
  createdAtMs: number;
}

/** The encrypted number of a card. */
export interface StoredNumber {
  cardId: string;
  encrypted: Buffer;
}

/** The two stored forms of a card number; neither is readable without the field keys. */
export interface VaultedNumber {
  encrypted: Buffer;
  fingerprint: Fingerprint;
}

/** Storage of data keys and of the numbers that they protect, within one transaction. */
export interface KeyStore {
  /** Reads all keys, oldest first. Until the commit, no other transaction adds or retires one. */
  holdKeys(): Promise<StoredKey[]>;
  /** Reads all keys, oldest first, to change them. Until the commit, no other transaction uses or changes them. */
  lockKeys(): Promise<StoredKey[]>;
  hasNumbers(): Promise<boolean>;
  insertKeys(keys: readonly StoredKey[]): void;
  /** Replaces the wrapped form of keys. */
  updateKeys(keys: readonly StoredKey[]): void;
  /** Returns those of the keys that no number and no stored answer uses. */
  findUnused(names: readonly DataKeyName[]): Promise<DataKeyName[]>;
  deleteKeys(names: readonly DataKeyName[]): Promise<void>;
  /** Locks numbers that are encrypted or fingerprinted under these keys, except those that others have locked. */
  lockNumbersUnder(
    keyIds: { encryption: readonly string[]; fingerprint: readonly string[] },
    limit: number,
  ): Promise<StoredNumber[]>;
  updateNumbers(numbers: readonly (VaultedNumber & { cardId: string })[]): void;
}
