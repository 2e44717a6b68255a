/**
 * Returns the canonical form of an e-mail address, by which customers are found and attempts counted: compatibility
 * characters and letter case make no difference. Postgres and JavaScript lower some letters differently, such as U+0130,
 * so only this function does it.
 */
export function canonicalEmail(email: string): string {
  return email.normalize('NFKC').toLowerCase().normalize('NFKC');
}
