import { checkDigit } from '@tallystick/contracts';

/** Returns whether a number ends with its check digit. */
export function hasValidCheckDigit(number: string): boolean {
  return /^\d{12,19}$/.test(number) && checkDigit(number.slice(0, -1)) === number.slice(-1);
}
