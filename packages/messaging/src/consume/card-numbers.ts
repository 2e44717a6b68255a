import { hasCardNumber } from '@tallystick/contracts';

/** Encodings inside each other that are opened: evidence is a JWS in the payload of a JWS. */
const DEPTH = 3;
/** Characters that 13 digits take at least. */
const BASE64 = /[A-Za-z0-9+/_-]{18,}/g;
const HEX = /[0-9a-fA-F]{26,}/g;
const ESCAPES = /(?:\\u00|%)([0-9a-fA-F]{2})/g;

/**
 * Returns whether bytes hold a card number: readable, in UTF-16, in JSON or percent escapes, in base64 or base64url at any
 * alignment, in hexadecimal, or in several of them.
 */
export function holdsCardNumber(bytes: Buffer, depth = DEPTH): boolean {
  const text = unescaped(bytes.toString('latin1'));
  if (hasCardNumber(text)) return true;
  if (depth === 0) return false;
  return (
    holdsEncoded(text.match(BASE64), 4, 'base64', depth) || holdsEncoded(text.match(HEX), 2, 'hex', depth)
  );
}

/** Removes the zeros of UTF-16 and replaces escapes by their character. Most texts have neither, and are left as they are. */
function unescaped(text: string): string {
  const narrow = text.includes('\0') ? text.replaceAll('\0', '') : text;
  if (!narrow.includes('%') && !narrow.includes('\\u00')) return narrow;
  return narrow.replaceAll(ESCAPES, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Decodes each run at each alignment, since it is unknown where the encoding began. */
function holdsEncoded(
  runs: readonly string[] | null,
  alignments: number,
  encoding: 'base64' | 'hex',
  depth: number,
): boolean {
  for (const run of runs ?? []) {
    for (let by = 0; by < alignments; by += 1) {
      if (holdsCardNumber(Buffer.from(run.slice(by), encoding), depth - 1)) return true;
    }
  }
  return false;
}
