import { maskCardNumbers } from '@tallystick/contracts';

/** Characters that could break a line, hide text or turn its direction, and those that Postgres refuses. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
const REPLACEMENT = '�';

/**
 * Returns a text from outside as it may be stored and shown: in one line, with card numbers masked, and cut.
 * @param charsMax the longest result
 */
export function storedText(text: string, charsMax: number): string {
  const masked = maskCardNumbers(text);
  const cut = masked.length > charsMax ? `${masked.slice(0, charsMax - 1)}…` : masked;
  return cut.replaceAll(UNPRINTABLE, REPLACEMENT);
}

/** As {@link storedText}; `undefined` unless the value is a text that is not empty. */
export function storedIfText(value: unknown, charsMax: number): string | undefined {
  return typeof value === 'string' && value !== '' ? storedText(value, charsMax) : undefined;
}
