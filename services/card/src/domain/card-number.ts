/** Number of digits of a card number of this service. */
export const NUMBER_LENGTH = 16;

/** Computes the check digit of ISO/IEC 7812-1 Annex B (Luhn) for the preceding digits. */
export function checkDigit(payload: string): string {
  let sum = 0;
  for (let at = 0; at < payload.length; at += 1) {
    const digit = Number(payload[payload.length - 1 - at]);
    const doubled = at % 2 === 0 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return String((10 - (sum % 10)) % 10);
}

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
