import { randomInt } from 'node:crypto';
import { encryptField, fingerprint, type FieldKeys } from '@tallystick/security';
import { accountDigits, buildNumber } from './domain/card-number.ts';

/** Separates the fingerprints of card numbers from those of other fields. */
export const NUMBER_PURPOSE = 'card.number';

/** A card number with its two stored forms; neither is readable without the field keys. */
export interface VaultedNumber {
  /** Shown once, to the holder. */
  number: string;
  encrypted: Buffer;
  fingerprint: Buffer;
}

/** Draws a random card number and encrypts it for its card. */
export function drawNumber(issuerNumber: string, cardId: string, keys: FieldKeys): VaultedNumber {
  const digits = Array.from({ length: accountDigits(issuerNumber) }, () => randomInt(10)).join('');
  const number = buildNumber(issuerNumber, digits);
  return {
    number,
    encrypted: encryptField(keys, number, { table: 'card', column: 'number_encrypted', rowId: cardId }),
    fingerprint: fingerprint(keys, NUMBER_PURPOSE, number),
  };
}
