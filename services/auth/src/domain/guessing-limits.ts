/** How many wrong passwords are taken before sign-in is refused for a while, and for how long. */
export interface GuessingLimit {
  /** Failures taken within `windowS`. */
  failures: number;
  windowS: number;
  /** How long sign-in is refused once they are used up, in seconds. */
  refusedForS: number;
}

/** Slows down guessing at one account: a short pause after a few failures. */
export const ACCOUNT_SLOW_DOWN: GuessingLimit = { failures: 5, windowS: 60, refusedForS: 30 };

/** Locks an account against guessing that goes on: at most some 40 guesses an hour (NIST SP 800-63B §5.2.2). */
export const ACCOUNT_LOCK_OUT: GuessingLimit = { failures: 10, windowS: 15 * 60, refusedForS: 15 * 60 };

/** Bounds one address that tries many accounts; high enough for an office behind one address. */
export const ADDRESS_LOCK_OUT: GuessingLimit = { failures: 100, windowS: 60 * 60, refusedForS: 60 * 60 };

/** Says how long to wait, in words: `30 seconds`, `15 minutes`. */
export function waitInWords(seconds: number): string {
  if (seconds <= 90) return `${Math.max(1, Math.ceil(seconds))} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
