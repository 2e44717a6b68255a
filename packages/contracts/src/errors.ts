import type { ErrorDefinition } from './errors/error-definition.ts';
import { authorityErrors } from './errors/authority.ts';
import { cardErrors } from './errors/card.ts';
import { envelopeErrors } from './errors/envelope.ts';
import { ledgerErrors } from './errors/ledger.ts';
import { paymentErrors } from './errors/payment.ts';
import { registrarErrors } from './errors/registrar.ts';
import { requestErrors } from './errors/request.ts';
import { versionErrors } from './errors/version.ts';

/**
 * Every error of the system by its code: the `code` of a problem document (RFC 9457), the reason in a quarantine, the
 * `error.type` of a span and the `code` of a rejection event.
 */
export const errorCodes = {
  ...requestErrors,
  ...envelopeErrors,
  ...authorityErrors,
  ...ledgerErrors,
  ...cardErrors,
  ...paymentErrors,
  ...registrarErrors,
  ...versionErrors,
} as const satisfies Record<string, ErrorDefinition>;

/** The name of an error, one of the keys of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;

/** Returns whether an error says that an order lacks authority: its evidence or mandate does not allow it. */
export function isAuthorityError(code: ErrorCode): boolean {
  return Object.hasOwn(authorityErrors, code);
}

/** 05: do not honour. */
const DO_NOT_HONOUR = '05';

/** Returns the response code (field 39) of ISO 8583 for an error code, also for one of a later release. */
export function responseCodeOf(code: string): string {
  const { iso8583 }: Partial<ErrorDefinition> = Object.hasOwn(errorCodes, code)
    ? errorCodes[code as ErrorCode]
    : {};
  return iso8583 ?? DO_NOT_HONOUR;
}

/** A fault in a document: its place as a JSON Pointer (RFC 6901), and the reason, never the value. */
export interface Fault {
  path: string;
  message: string;
}

/** An error with a code. The client that caused it gets `detail` and `faults`, so they never hold a secret. */
export class CodedError extends Error {
  override readonly name = 'CodedError';
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly faults: readonly Fault[];

  constructor(
    code: ErrorCode,
    options: { detail?: string; faults?: readonly Fault[]; cause?: unknown } = {},
  ) {
    super(`${code}: ${options.detail ?? errorCodes[code].title}`, { cause: options.cause });
    this.code = code;
    this.detail = options.detail;
    this.faults = options.faults ?? [];
  }
}
