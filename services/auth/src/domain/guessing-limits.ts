/** A limit of wrong passwords: the allowed failures, and how long sign-in is then refused. */
export interface GuessingLimit {
  /** Failures allowed within `windowS`. */
  failures: number;
  windowS: number;
  /** How long sign-in is refused after the last allowed failure, in seconds. */
  refusedForS: number;
}

/** Slows down guessing at one account with a short pause after a few failures. */
export const ACCOUNT_SLOW_DOWN: GuessingLimit = { failures: 5, windowS: 60, refusedForS: 30 };

/** Locks an account against sustained guessing: about 40 guesses an hour at most (NIST SP 800-63B §5.2.2). */
export const ACCOUNT_LOCK_OUT: GuessingLimit = { failures: 10, windowS: 15 * 60, refusedForS: 15 * 60 };

/** Limits one address that tries many accounts; high enough for an office behind one address. */
export const ADDRESS_LOCK_OUT: GuessingLimit = { failures: 100, windowS: 60 * 60, refusedForS: 60 * 60 };

/**
 * Limits the audit entries of unknown names: one an hour for each network, because a client can make up any number of
 * names.
 */
export const UNKNOWN_NAMES_AUDITED: GuessingLimit = { failures: 1, windowS: 60 * 60, refusedForS: 0 };

/** Formats a waiting time as text: `30 seconds`, `15 minutes`. */
export function waitInWords(seconds: number): string {
  if (seconds <= 90) return `${Math.max(1, Math.ceil(seconds))} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
