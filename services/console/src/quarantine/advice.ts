import { errorCodes, type ErrorCode, type ErrorDefinition } from '@tallystick/contracts';

/** What a reason means and what to do about it. */
export interface Advice {
  title: string;
  /** What the catalogue of errors says to the sender. */
  action: string;
  /** Whether a release can help once the cause is gone; otherwise the sender must send a new message. */
  mayPassLater: boolean;
}

/** Reasons whose cause is not in the message: it may pass once a key, a permission, a release or a handler is there. */
const MAY_PASS_LATER: ReadonlySet<string> = new Set<ErrorCode>([
  'envelope.key_unknown',
  'envelope.keys_stale',
  'envelope.not_permitted',
  'envelope.type_unknown',
  'envelope.issued_in_future',
  'envelope.decryption_failed',
  'message.handler_failed',
]);

/** Returns the advice for the reason of a quarantined record. A reason of another release has a general one. */
export function adviceFor(reason: string): Advice {
  const known = (errorCodes as Readonly<Record<string, ErrorDefinition>>)[reason];
  if (known === undefined)
    return {
      title: 'Reason unknown to this release',
      action: 'Look the reason up in the documents of the release that wrote it.',
      mayPassLater: true,
    };
  return { title: known.title, action: known.action, mayPassLater: MAY_PASS_LATER.has(reason) };
}
