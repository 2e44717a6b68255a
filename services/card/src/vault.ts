import { randomInt } from 'node:crypto';
import {
  decryptField,
  encryptField,
  fingerprint,
  type FieldKeys,
  type FieldPlace,
} from '@tallystick/security';
import type { StoredNumber, VaultedNumber } from './app/key-store.ts';
import { accountDigits, buildNumber } from './domain/card-number.ts';

/** Separates the fingerprints of card numbers from those of other fields. */
export const NUMBER_PURPOSE = 'card.number';

/** Draws a random card number. @param issuerNumber the issuer identification number (BIN) */
export function drawNumber(issuerNumber: string): string {
  const digits = Array.from({ length: accountDigits(issuerNumber) }, () => randomInt(10)).join('');
  return buildNumber(issuerNumber, digits);
}

/** Encrypts a number for its card, and computes its fingerprint, under the current keys. */
export function vaultNumber(number: string, cardId: string, keys: FieldKeys): VaultedNumber {
  return {
    encrypted: encryptField(keys.encryption, number, placeOf(cardId)),
    fingerprint: fingerprint(keys.fingerprint, NUMBER_PURPOSE, number),
  };
}

/**
 * Encrypts a stored number under the current keys.
 * @throws if its key is missing or the row was changed: a broken invariant
 */
export function revaultNumber(
  { cardId, encrypted }: StoredNumber,
  keys: FieldKeys,
): VaultedNumber & { cardId: string } {
  const number = decryptField(keys.encryption, encrypted, placeOf(cardId));
  return { cardId, ...vaultNumber(number, cardId, keys) };
}

function placeOf(cardId: string): FieldPlace {
  return { table: 'card', column: 'number_encrypted', rowId: cardId };
}
