const DIGITS_MIN = 13;
const DIGITS_MAX = 19;

/**
 * A UUID or a digest in hexadecimal, which may hold long runs of digits, or a run of digits with single spaces or dashes
 * between them.
 */
const RUNS = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,}|(\d(?:[ -]?\d)+)/g;

/** As many digits as a card number has at least: the quick test of a text that holds none. */
const ENOUGH_DIGITS = new RegExp(`\\d(?:[ -]?\\d){${DIGITS_MIN - 1}}`);

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
  if (!ENOUGH_DIGITS.test(text)) return text;
  return text.replaceAll(RUNS, (run, digits?: string) => (digits === undefined ? run : maskRun(digits)));
}

/** Returns whether a text holds a number that {@link maskCardNumbers} would mask. */
export function hasCardNumber(text: string): boolean {
  return maskCardNumbers(text) !== text;
}

/** Masks the groups of digits that form a card number, alone or with their neighbours. */
function maskRun(run: string): string {
  const places: number[] = [];
  for (let at = 0; at < run.length; at += 1) if (isDigit(run[at])) places.push(at);
  // Sums of the first digits, with those at even or at odd places doubled: each window is checked in constant time.
  const sums = [0, 1].map((parity) => sumsOf(run, places, parity));
  const isValid = (from: number, to: number): boolean =>
    (sums[to % 2]![to]! - sums[to % 2]![from]!) % 10 === 0;
  const masked = run.split('');
  for (let from = 0; from + DIGITS_MIN <= places.length; from += 1) {
    if (isDigit(run[places[from]! - 1])) continue;
    for (let to = from + DIGITS_MIN; to <= Math.min(from + DIGITS_MAX, places.length); to += 1) {
      if (isDigit(run[places[to - 1]! + 1]) || !isValid(from, to)) continue;
      for (const at of places.slice(from, to)) masked[at] = '*';
      from = to - 1;
      break;
    }
  }
  return masked.join('');
}

function sumsOf(run: string, places: readonly number[], doubledParity: number): number[] {
  const sums = [0];
  places.forEach((place, at) => {
    const digit = Number(run[place]);
    const doubled = digit > 4 ? digit * 2 - 9 : digit * 2;
    sums.push(sums[at]! + (at % 2 === doubledParity ? doubled : digit));
  });
  return sums;
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}
