import * as z from 'zod';

const CONTROL_CHARACTER = /\p{Cc}/u;

/**
 * Text from outside that a person reads or a database stores: well-formed Unicode (no lone surrogates) without NUL and
 * other control characters.
 * @param charsMax maximum length
 */
export function text(charsMax: number) {
  return z
    .string()
    .max(charsMax)
    .refine((value) => value.isWellFormed(), 'must be well-formed Unicode')
    .refine((value) => !CONTROL_CHARACTER.test(value), 'must not contain control characters');
}
