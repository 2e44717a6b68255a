import * as z from 'zod';

const SPACES = /\p{Zs}/gu;

/**
 * Returns the form of a password in which it is compared (RFC 8265 §4.2.2, OpaqueString): the same characters by NFC and
 * with one kind of space, from whichever keyboard they come.
 */
export function comparable(password: string): string {
  return password.replaceAll(SPACES, ' ').normalize('NFC');
}

/** Characters that a new password may not have: controls, and halves of characters, which no keyboard makes alone. */
const FORBIDDEN = /[\p{Cc}\p{Cs}]/u;

/** Code points of a new password in its comparable form (NIST SP 800-63B §3.1.1.2 counts each as one character). */
const CHARACTERS_MIN = 8;

/** A password to set (RFC 8264 §4.3, FreeformClass). A fault names the place of the character, and never the password. */
export const newPassword = z
  .string()
  .max(1024)
  .superRefine((password, context) => {
    const characters = Array.from(comparable(password));
    const fault = (message: string): void => context.addIssue({ code: 'custom', message, input: password });
    if (characters.length < CHARACTERS_MIN) fault(`must have at least ${CHARACTERS_MIN} characters`);
    const at = characters.findIndex((character) => FORBIDDEN.test(character));
    if (at !== -1) fault(`must have no control character: character ${at + 1} is one`);
  });
