import pg from 'pg';

export const TIMESTAMPTZ_OID = 1184;

/** Format of a `timestamptz` in a UTC session, for years of four digits. */
const SECONDS = 'YYYY-MM-DD hh:mm:ss';
const UTC = '+00';
/** Digits of the fraction that a `Date` keeps; Postgres writes up to six. */
const MILLISECOND_DIGITS = 3;

const byPattern: (text: string) => unknown = pg.types.getTypeParser(TIMESTAMPTZ_OID);

/**
 * Parses the text form of a `timestamptz` into a `Date`, or into an infinite number.
 * A UTC timestamp is read by fixed positions. pg uses a pattern, which takes three times as long: 1.5 µs in a busy
 * service.
 */
export function timestampOf(text: string): unknown {
  const end = text.length - UTC.length;
  const isUtc = end >= SECONDS.length && text[4] === '-' && text[0] !== '0' && text.endsWith(UTC);
  if (!isUtc) return byPattern(text);
  const fraction = text.slice(SECONDS.length + 1, Math.min(end, SECONDS.length + 1 + MILLISECOND_DIGITS));
  return new Date(
    Date.UTC(
      digits(text, 0, 4),
      digits(text, 5, 7) - 1,
      digits(text, 8, 10),
      digits(text, 11, 13),
      digits(text, 14, 16),
      digits(text, 17, 19),
      digits(fraction.padEnd(MILLISECOND_DIGITS, '0'), 0, MILLISECOND_DIGITS),
    ),
  );
}

function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) value = value * 10 + text.charCodeAt(at) - ZERO;
  return value;
}

const ZERO = '0'.charCodeAt(0);
