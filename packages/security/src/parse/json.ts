/** Maximum nesting of external JSON; deeper documents are refused before they are parsed. */
export const JSON_MAX_DEPTH = 32;

/**
 * A number that is not written as an integer, although a double makes it one: `1.0`, `1e2`, `0.99999999999999999999`. No
 * schema takes it, so no amount is judged after it was rounded.
 */
export class InexactNumber {
  /** As written. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const INTEGER = /^-?(0|[1-9]\d*)$/;
/**
 * Parses external JSON text: with limited depth, without the name `__proto__`, and without two members of one name (RFC
 * 7493 §2.3, RFC 7515 §4), of which other parsers might read the other one.
 * @returns the value, or `undefined` if the text is not such JSON (JSON itself has no `undefined`)
 */
export function parseJson(text: string): unknown {
  return numbersIn(text) === undefined ? undefined : parseWith(text, protoReviver(text));
}

/** As {@link parseJson}, for documents with amounts: a number that only rounding makes an integer is an {@link InexactNumber}. */
export function parseExactJson(text: string): unknown {
  const numbers = numbersIn(text);
  if (numbers === undefined) return undefined;
  return parseWith(text, numbers === 'integers' ? protoReviver(text) : keepInexact);
}

type Reviver = (name: string, value: unknown, context: { source?: string }) => unknown;

/** A reviver visits every value and costs more than the parsing; only text that may contain the name needs it. */
function protoReviver(text: string): Reviver | undefined {
  return text.includes('__proto__') || text.includes('\\u') ? refuseProto : undefined;
}

function refuseProto(name: string, value: unknown): unknown {
  if (name === '__proto__') throw new SyntaxError('__proto__');
  return value;
}

const keepInexact: Reviver = (name, value, { source = '' }) => {
  if (typeof value === 'number' && Number.isInteger(value) && !INTEGER.test(source))
    return new InexactNumber(source);
  return refuseProto(name, value);
};

function parseWith(text: string, reviver: Reviver | undefined): unknown {
  try {
    return reviver === undefined
      ? JSON.parse(text)
      : // The types lack the source text that a reviver gets (ECMAScript, JSON.parse source text access).
        JSON.parse(text, reviver as Parameters<typeof JSON.parse>[1]);
  } catch {
    return undefined;
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const DOT = 0x2e;
const UPPER_E = 0x45;
const LOWER_E = 0x65;
const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/**
 * Returns how the numbers in a text are written: all as integers, or some with a fraction or an exponent. The text need
 * not be JSON.
 * @returns `undefined` if the text is too deep or names a member of an object twice
 */
function numbersIn(text: string): 'integers' | 'fractions' | undefined {
  let numbers: 'integers' | 'fractions' = 'integers';
  /** The names of each open object; `undefined` for an array. */
  const open: (Set<string> | undefined)[] = [];
  let names: Set<string> | undefined;
  let isName = false;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at);
        if (end === -1) return numbers;
        if (isName && names !== undefined) {
          const before = names.size;
          names.add(nameOf(text.slice(at, end + 1)));
          if (names.size === before) return undefined;
          isName = false;
        }
        at = end;
        break;
      }
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        if (open.length === JSON_MAX_DEPTH) return undefined;
        names = text.charCodeAt(at) === OPEN_OBJECT ? new Set() : undefined;
        isName = names !== undefined;
        open.push(names);
        break;
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        open.pop();
        names = open.at(-1);
        isName = false;
        break;
      case COMMA:
        isName = names !== undefined;
        break;
      case DOT:
      case UPPER_E:
      case LOWER_E:
        // Behind a digit, not in a literal such as `true`.
        if (isDigit(text.charCodeAt(at - 1))) numbers = 'fractions';
    }
  }
  return numbers;
}

/** Returns the place of the quote that ends a string; -1 if none does. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === BACKSLASH) escapes += 1;
    if (escapes % 2 === 0) return end;
  }
  return -1;
}

/** Returns the name in a quoted text; a text that is no JSON string stands for itself. */
function nameOf(quoted: string): string {
  if (!quoted.includes('\\')) return quoted;
  try {
    return JSON.stringify(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}
