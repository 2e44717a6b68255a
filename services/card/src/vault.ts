import { randomInt } from 'node:crypto';
import { encryptField, fingerprint, type FieldKeys } from '@tallystick/security';
import { accountDigits, buildNumber } from './domain/card-number.ts';

/** Keeps the fingerprints of card numbers apart from those of any other field. */
export const NUMBER_PURPOSE = 'card.number';

/** A card number with the two forms in which it is kept: neither can be read without the field keys. */
export interface VaultedNumber {
  /** Shown once, to the holder. */
  number: string;
  encrypted: Buffer;
  fingerprint: Buffer;
}

/** Draws a card number at random and locks it to its card. */
export function drawNumber(issuerNumber: string, cardId: string, keys: FieldKeys): VaultedNumber {
  const digits = Array.from({ length: accountDigits(issuerNumber) }, () => randomInt(10)).join('');
  const number = buildNumber(issuerNumber, digits);
  return {
    number,
    encrypted: encryptField(keys, number, { table: 'card', column: 'number_encrypted', rowId: cardId }),
    fingerprint: fingerprint(keys, NUMBER_PURPOSE, number),
  };
}
