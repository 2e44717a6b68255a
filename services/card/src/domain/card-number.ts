import { checkDigit } from '@tallystick/contracts';

/** Number of digits of a card number of this service. */
export const NUMBER_LENGTH = 16;

/**
 * Builds a card number of an issuer.
 * @param issuerNumber the issuer identification number (BIN)
 * @param account random digits: {@link NUMBER_LENGTH} minus the issuer number and the check digit
 */
export function buildNumber(issuerNumber: string, account: string): string {
  const payload = issuerNumber + account;
  if (payload.length !== NUMBER_LENGTH - 1) throw new Error(`a card number has ${NUMBER_LENGTH} digits`);
  return payload + checkDigit(payload);
}

/** Returns how many random digits {@link buildNumber} needs after an issuer number. */
export function accountDigits(issuerNumber: string): number {
  return NUMBER_LENGTH - 1 - issuerNumber.length;
}
