import { hasCardNumber } from '@tallystick/contracts';

/** Encodings inside each other that are opened: evidence is a JWS in the payload of a JWS. */
const DEPTH = 3;
/** Characters that 13 digits take at least. */
const BASE64 = /[A-Za-z0-9+/_-]{18,}/g;
const HEX = /[0-9a-fA-F]{26,}/g;

/**
 * Returns whether bytes hold a card number: readable, in UTF-16, in JSON or percent escapes, in base64 or base64url at any
 * alignment, in hexadecimal, or in several of them.
 */
export function holdsCardNumber(bytes: Buffer, depth = DEPTH): boolean {
  const text = bytes
    .toString('latin1')
    .replaceAll('\0', '')
    .replaceAll(/(?:\\u00|%)([0-9a-fA-F]{2})/g, (_escape, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  if (hasCardNumber(text)) return true;
  if (depth === 0) return false;
  const inner = [
    ...(text.match(BASE64) ?? []).flatMap((run) => shifted(run, 4, 'base64')),
    ...(text.match(HEX) ?? []).flatMap((run) => shifted(run, 2, 'hex')),
  ];
  return inner.some((decoded) => holdsCardNumber(decoded, depth - 1));
}

/** Decodes a run at each alignment: where the encoding began is unknown. */
function shifted(run: string, alignments: number, encoding: 'base64' | 'hex'): Buffer[] {
  return Array.from({ length: alignments }, (_, by) => Buffer.from(run.slice(by), encoding));
}
