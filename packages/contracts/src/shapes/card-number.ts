const DIGITS_MIN = 13;
const DIGITS_MAX = 19;

/**
 * A UUID or a digest in hexadecimal, which may hold long runs of digits, or a run of digits with single spaces or dashes
 * between them.
 */
const RUNS = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,}|(\d(?:[ -]?\d)+)/g;

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
 * Replaces each digit of a card number in a text by `*`: 13 to 19 digits with a valid check digit (ISO/IEC 7812-1), also
 * in groups with a space or a dash between them. One in ten other numbers of this length looks like one too. Digits of
 * UUIDs and of hexadecimal digests stay.
 * @returns a text of the same length
 */
export function maskCardNumbers(text: string): string {
  return text.replaceAll(RUNS, (run, digits?: string) => (digits === undefined ? run : maskRun(digits)));
}

/** Returns whether a text holds a number that {@link maskCardNumbers} would mask. */
export function hasCardNumber(text: string): boolean {
  return maskCardNumbers(text) !== text;
}

/** Masks the groups of digits that form a card number, alone or with their neighbours. */
function maskRun(run: string): string {
  const groups = run.split(/([ -])/);
  for (let first = 0; first < groups.length; first += 2) {
    let digits = '';
    for (let last = first; last < groups.length && digits.length < DIGITS_MAX; last += 2) {
      digits += groups[last]!;
      if (!isCardNumber(digits)) continue;
      for (let at = first; at <= last; at += 2) groups[at] = '*'.repeat(groups[at]!.length);
      first = last;
      break;
    }
  }
  return groups.join('');
}

function isCardNumber(digits: string): boolean {
  if (digits.length < DIGITS_MIN || digits.length > DIGITS_MAX) return false;
  return checkDigit(digits.slice(0, -1)) === digits.at(-1);
}
