import { CodedError } from '@tallystick/contracts';
import { parse } from '@tallystick/security';
import type { Request } from 'express';
import * as z from 'zod';

/** Maximum wait time of a client, in seconds. */
export const WAIT_MAX_S = 30;

const idempotencyKey = z.string().regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters');

/** @throws CodedError `idempotency.key_missing`, `request.invalid` */
export function idempotencyKeyOf(request: Request): string {
  const header = request.headers['idempotency-key'];
  if (header === undefined) throw new CodedError('idempotency.key_missing');
  return parse(idempotencyKey, header, 'request.invalid', '/header/Idempotency-Key');
}

/** Returns the client's wait time (`Prefer: wait=10`, RFC 7240 §4.3) in milliseconds; 0 if absent. */
export function waitMsOf(request: Request): number {
  const header = request.headers['prefer'];
  if (header === undefined) return 0;
  const match = /(?:^|[,;\s])wait\s*=\s*(\d{1,6})\s*(?:$|[,;])/i.exec(String(header));
  if (match !== null) return Math.min(Number(match[1]), WAIT_MAX_S) * 1000;
  if (/(?:^|[,;\s])wait\s*=/i.test(String(header))) {
    throw new CodedError('request.invalid', {
      faults: [{ path: '/header/Prefer', message: 'wait must be a number of seconds' }],
    });
  }
  return 0;
}
