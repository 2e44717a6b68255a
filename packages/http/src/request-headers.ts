import { CodedError } from '@tallystick/contracts';
import { parse } from '@tallystick/security';
import type { Request } from 'express';
import * as z from 'zod';

/** Maximum wait time of a client, in seconds. */
export const WAIT_MAX_S = 30;

/** A string of RFC 9651 §3.3.3, with parameters that mean nothing here. */
const QUOTED = /^"(?<text>(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"(?: *;.*)?$/;

const idempotencyKey = z.string().regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters');

/**
 * Returns the key of a request. A key in quotes (draft-ietf-httpapi-idempotency-key-header) is the same as without.
 * @throws CodedError `idempotency.key_missing`, `request.invalid`
 */
export function idempotencyKeyOf(request: Request): string {
  const header = request.headers['idempotency-key'];
  if (header === undefined) throw new CodedError('idempotency.key_missing');
  return parse(idempotencyKey, unquoted(String(header)), 'request.invalid', '/header/Idempotency-Key');
}

/** Returns the text of a quoted string, and any other text as it is; `undefined` if the quotes are not well formed. */
function unquoted(header: string): string | undefined {
  if (!header.startsWith('"')) return header;
  return QUOTED.exec(header)?.groups?.['text']?.replaceAll(/\\(.)/g, '$1');
}

/** The preferences of a header, also those with a comma in quotes. */
const PREFERENCE = /(?:"(?:\\.|[^"\\])*"|[^",])+/g;
const WAIT = /^\s*wait\s*(?:=\s*(?<value>[^;]*))?(?:;.*)?$/i;
const SECONDS = /^(?:"(?<quoted>\d+)"|(?<plain>\d+))$/;

/**
 * Returns the client's wait time (`Prefer: wait=10`, RFC 7240 §4.3) in milliseconds; 0 if absent. The first `wait` counts;
 * one that is not a number of seconds is ignored (RFC 7240 §2).
 */
export function waitMsOf(request: Request): number {
  const preferences = String(request.headers['prefer'] ?? '').match(PREFERENCE) ?? [];
  const wait = preferences.map((one) => WAIT.exec(one)).find((match) => match !== null);
  const { quoted, plain } = SECONDS.exec(wait?.groups?.['value']?.trim() ?? '')?.groups ?? {};
  return Math.min(Number(quoted ?? plain ?? 0), WAIT_MAX_S) * 1000;
}
