import { CodedError, maskCardNumbers, type ErrorCode, type Fault } from '@tallystick/contracts';
import type * as z from 'zod';

/** Maximum nesting of external JSON; deeper documents are refused before they are parsed. */
export const JSON_MAX_DEPTH = 32;

/**
 * Returns the faults of a value against a schema: JSON Pointers and messages, never the value itself. Pointers and messages
 * show names of unknown members; a card number in one is masked.
 */
export function faultsOf(error: z.ZodError, root = ''): Fault[] {
  return error.issues.slice(0, 50).map((issue) => ({
    path:
      root +
      issue.path
        .map((part) => `/${maskCardNumbers(String(part)).replaceAll('~', '~0').replaceAll('/', '~1')}`)
        .join(''),
    message:
      issue.code === 'unrecognized_keys'
        ? `unknown: ${maskCardNumbers(issue.keys.join(', ')).slice(0, 200)}`
        : withoutValue(issue.message),
  }));
}

/** zod does not quote the input, but custom messages are truncated as a precaution. */
function withoutValue(message: string): string {
  return message.slice(0, 200);
}

/**
 * Validates and decodes external data (amounts become `bigint`).
 * @param root JSON Pointer prefix of reported faults, e.g. `/body`
 * @throws CodedError with `code` and the path of each fault
 */
export function parse<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  code: ErrorCode = 'request.invalid',
  root = '',
): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw new CodedError(code, { faults: faultsOf(result.error, root) });
}

/**
 * Parses external JSON text, with limited depth and without the key `__proto__`.
 * @returns the value, or `undefined` if the text is not such JSON (JSON itself has no `undefined`)
 */
export function parseJson(text: string): unknown {
  if (mayBeDeep(text) && deeperThan(text, JSON_MAX_DEPTH)) return undefined;
  try {
    // A reviver visits every value and costs more than the parsing; only text that may contain the key needs it.
    if (!text.includes('__proto__') && !text.includes('\\u')) return JSON.parse(text);
    return JSON.parse(text, (key, value: unknown) => {
      if (key === '__proto__') throw new SyntaxError('__proto__');
      return value;
    });
  } catch {
    return undefined;
  }
}

/** Returns whether a text has enough opening brackets to be too deep; nearly every document has fewer. */
function mayBeDeep(text: string): boolean {
  let brackets = 0;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      brackets += 1;
      if (brackets > JSON_MAX_DEPTH) return true;
    }
  }
  return false;
}

function deeperThan(text: string, most: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === 0x5c) at += 1;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > most) return true;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return false;
}
