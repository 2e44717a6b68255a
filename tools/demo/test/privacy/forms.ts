import { randomInt } from 'node:crypto';
import { checkDigit } from '@tallystick/contracts';

/** Encodings inside each other that are opened: a request inside evidence inside an order inside a stored row. */
const DEPTH = 5;
/** Characters that 16 digits take at least. */
const BASE64 = /[A-Za-z0-9+/_-]{20,}/g;
const HEX = /[0-9a-fA-F]{32,}/g;

const base64At = (number: string, before: number): string =>
  Buffer.from(`${'{'.repeat(before)}${number}}`).toString('base64');

/** A card number in each form in which it could be written somewhere, by the name of the form. */
export const forms: Readonly<Record<string, (number: string) => Buffer>> = {
  plain: (number) => Buffer.from(number),
  'in a sentence': (number) => Buffer.from(`pan=${number}&cvc=123`),
  spaced: (number) => Buffer.from(number.replaceAll(/\d{4}(?=\d)/g, '$& ')),
  dashed: (number) => Buffer.from(number.replaceAll(/\d{4}(?=\d)/g, '$&-')),
  reversed: (number) => Buffer.from(reversed(number)),
  'base64, first alignment': (number) => Buffer.from(base64At(number, 0)),
  'base64, second alignment': (number) => Buffer.from(base64At(number, 1)),
  'base64, third alignment': (number) => Buffer.from(base64At(number, 2)),
  base64url: (number) => Buffer.from(Buffer.from(`{"a":"ÿ?>","n":"${number}"}`).toString('base64url')),
  'base64 twice': (number) => Buffer.from(Buffer.from(base64At(number, 1)).toString('base64')),
  'lower hexadecimal': (number) => Buffer.from(Buffer.from(`n${number}`).toString('hex')),
  'upper hexadecimal': (number) => Buffer.from(Buffer.from(`{${number}`).toString('hex').toUpperCase()),
  'UTF-16, little endian': (number) => Buffer.from(number, 'utf16le'),
  'UTF-16, big endian': (number) => Buffer.from(number, 'utf16le').swap16(),
  'JSON escapes': (number) => Buffer.from(`"${number.replaceAll(/\d/g, String.raw`\u003$&`)}"`),
  'percent encoding': (number) => Buffer.from(number.replaceAll(/\d/g, '%3$&')),
};

/** Finds the numbers that bytes hold, in any of {@link forms}. */
export function numbersIn(bytes: Buffer, numbers: readonly string[], depth = DEPTH): string[] {
  const text = readable(bytes);
  const digits = text.replaceAll(/[ -]/g, '');
  const found = numbers.filter((number) => digits.includes(number) || digits.includes(reversed(number)));
  if (depth === 0) return found;
  const inner = [
    ...(text.match(BASE64) ?? []).flatMap((run) => decodings(run, 4, 'base64')),
    ...(text.match(HEX) ?? []).flatMap((run) => decodings(run, 2, 'hex')),
  ];
  return [...found, ...inner.flatMap((decoded) => numbersIn(decoded, numbers, depth - 1))];
}

/** Returns a valid number that no card has. @param issuerNumber its first digits */
export function inventNumber(issuerNumber: string): string {
  const payload = issuerNumber + String(randomInt(10 ** 7)).padStart(15 - issuerNumber.length, '0');
  return payload + checkDigit(payload);
}

function readable(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replaceAll('\0', '')
    .replaceAll(/(?:\\+u00|%)([0-9a-fA-F]{2})/g, (_escape, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
}

function decodings(run: string, alignments: number, encoding: 'base64' | 'hex'): Buffer[] {
  return Array.from({ length: alignments }, (_, by) => Buffer.from(run.slice(by), encoding));
}

function reversed(number: string): string {
  return Array.from(number).toReversed().join('');
}
