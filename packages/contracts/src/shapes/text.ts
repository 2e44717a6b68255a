import * as z from 'zod';

/** Patterns without flags, so that they stand in JSON Schema too. */
const WELL_FORMED = /^(?:[^\ud800-\udfff]|[\ud800-\udbff][\udc00-\udfff])*$/;
// oxlint-disable-next-line no-control-regex -- they are what is refused
const NO_CONTROL_CHARACTERS = /^[^\x00-\x1f\x7f-\x9f]*$/;

/**
 * Text from outside that a person reads or a database stores: well-formed Unicode (no lone surrogates) without NUL and
 * other control characters.
 * @param charsMax maximum length
 */
export function text(charsMax: number) {
  return z
    .string()
    .max(charsMax)
    .regex(WELL_FORMED, 'must be well-formed Unicode')
    .regex(NO_CONTROL_CHARACTERS, 'must not contain control characters')
    .meta({ examples: ['text'] });
}
