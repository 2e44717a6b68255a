import type { ErrorCode, Fault } from '@tallystick/contracts';
import type { OpenedMessage } from './opened-message.ts';

/** The checks by name, in their order. */
export type EnvelopeCheck =
  | 'size'
  | 'shape'
  | 'encryption'
  | 'header'
  | 'claims'
  | 'key'
  | 'key_validity'
  | 'signature'
  | 'binding'
  | 'time'
  | 'permission'
  | 'schema';

/** A message that failed a check: which check and where, without the content. */
export interface RefusedMessage {
  code: ErrorCode;
  check: EnvelopeCheck;
  detail?: string | undefined;
  faults?: readonly Fault[] | undefined;
  /** The message, if it expired but passed every other check: it has no effect, but its sender may get an answer. */
  late?: OpenedMessage | undefined;
  /** The claimed issuer, unverified, for the metric alone. */
  claimedIssuer?: string | undefined;
}

/** Ends the checks of an envelope. */
export class Refusal extends Error {
  readonly refusal: RefusedMessage;
  constructor(check: EnvelopeCheck, code: ErrorCode, rest: Omit<RefusedMessage, 'check' | 'code'> = {}) {
    super(code);
    this.refusal = { check, code, ...rest };
  }
}

/** Makes the refusal of an envelope whose claims are read, with its claimed issuer. */
export type Refuse = (check: EnvelopeCheck, code: ErrorCode, rest?: Partial<RefusedMessage>) => Refusal;
