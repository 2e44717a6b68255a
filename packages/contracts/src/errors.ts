/**
 * Every error of the system, by its one name: the `code` of a problem document (RFC 9457), the reason in a
 * quarantine, the `error.type` of a span and the `code` of a rejection event.
 * `status` is the HTTP status where the error reaches an HTTP client.
 */
export const errorCodes = {
  // HTTP edge
  'request.invalid': { status: 400, title: 'The request does not fit its schema' },
  'request.not_json': { status: 400, title: 'The body is not JSON' },
  'request.too_large': { status: 413, title: 'The body is larger than this interface takes' },
  'request.media_type': { status: 415, title: 'The body must be application/json' },
  'route.not_found': { status: 404, title: 'There is no such operation' },
  'resource.not_found': { status: 404, title: 'There is no such object, or it is not yours' },
  'token.missing': { status: 401, title: 'An access token is needed' },
  'token.invalid': { status: 401, title: 'The access token does not verify' },
  'token.expired': { status: 401, title: 'The access token has ended' },
  'token.scope_insufficient': { status: 403, title: 'The access token does not cover this operation' },
  'dpop.missing': { status: 401, title: 'This operation needs a DPoP proof' },
  'dpop.invalid': { status: 401, title: 'The DPoP proof does not verify' },
  'dpop.replayed': { status: 401, title: 'The DPoP proof was used before' },
  'dpop.digest_mismatch': { status: 401, title: 'The DPoP proof does not cover this body' },
  'idempotency.key_missing': { status: 400, title: 'An Idempotency-Key header is needed' },
  'idempotency.key_reused': { status: 422, title: 'The Idempotency-Key was used with another request' },
  'idempotency.in_progress': { status: 409, title: 'A request with this Idempotency-Key is still running' },
  'rate.limited': { status: 429, title: 'Too many requests' },
  'service.unavailable': { status: 503, title: 'The service cannot answer right now' },
  internal: { status: 500, title: 'The service failed' },

  // Envelope checks, in their order
  'envelope.too_large': { status: 400, title: 'The message is larger than this interface takes' },
  'envelope.malformed': { status: 400, title: 'The value is not a compact JWS' },
  'envelope.encryption_required': {
    status: 400,
    title: 'This message type must be encrypted to its recipient',
  },
  'envelope.decryption_failed': {
    status: 400,
    title: 'The message cannot be decrypted with the keys of this service',
  },
  'envelope.header_refused': {
    status: 400,
    title: 'The protected header has a parameter or value that is not allowed',
  },
  'envelope.claims_invalid': { status: 400, title: 'The claims do not fit the envelope' },
  'envelope.key_unknown': { status: 400, title: 'No certificate names this key' },
  'envelope.key_not_valid': { status: 400, title: 'The key was not valid when the message was issued' },
  'envelope.key_revoked': { status: 400, title: 'The key is revoked' },
  'envelope.signature_invalid': { status: 400, title: 'The signature does not verify' },
  'envelope.issuer_mismatch': { status: 400, title: 'The key belongs to another producer' },
  'envelope.audience_mismatch': { status: 400, title: 'The message was made for another topic' },
  'envelope.subject_mismatch': { status: 400, title: 'The message was made for another record key' },
  'envelope.issued_in_future': { status: 400, title: 'The message was issued later than now' },
  'envelope.too_old': { status: 400, title: 'The event is older than the horizon' },
  'envelope.expiry_missing': { status: 400, title: 'A command must have an expiry' },
  'envelope.lifetime_too_long': { status: 400, title: 'The expiry is later than policy allows' },
  'envelope.expired': { status: 400, title: 'The message has expired' },
  'envelope.not_permitted': { status: 403, title: 'This producer may not send this type to this topic' },
  'envelope.type_unknown': {
    status: 400,
    title: 'No schema is known for this type and version on this topic',
  },
  'envelope.schema_invalid': { status: 400, title: 'The payload does not fit its schema' },
  'message.handler_failed': { status: 500, title: 'The message kept failing while others succeeded' },

  // Authority
  'evidence.kind_refused': { status: 403, title: 'This kind of evidence does not authorize this command' },
  'evidence.invalid': { status: 403, title: 'The evidence does not verify' },
  'evidence.expired': { status: 403, title: 'The evidence is too old' },
  'evidence.mismatch': { status: 403, title: 'The evidence authorizes something else' },
  'evidence.used': { status: 409, title: 'The evidence has moved money already' },
  'evidence.not_owner': { status: 403, title: 'The evidence is not from the owner of the account' },
  'mandate.missing': { status: 403, title: 'No mandate lets this producer or card debit the account' },
  'mandate.limit_exceeded': { status: 403, title: 'The amount passes a limit of the mandate' },
  'mandate.exists': { status: 409, title: 'A mandate with this id exists already' },

  // Ledger
  'ledger.account_not_found': { status: 404, title: 'There is no such account' },
  'ledger.account_not_open': { status: 409, title: 'The account is not open' },
  'ledger.same_account': { status: 409, title: 'Debit and credit account are the same' },
  'ledger.currency_mismatch': { status: 409, title: 'The account keeps another currency' },
  'ledger.insufficient_funds': { status: 409, title: 'The available balance does not cover the amount' },
  'ledger.hold_not_found': { status: 404, title: 'There is no such hold on this account' },
  'ledger.hold_ended': { status: 409, title: 'The hold was posted, voided or has expired' },
  'ledger.hold_exceeded': { status: 409, title: 'The amount is more than what the hold has left' },
  'ledger.id_reused': { status: 409, title: 'The id was used for something else' },
  'ledger.balance_limit_exceeded': {
    status: 409,
    title: 'The balance would pass the largest amount that an account keeps',
  },
  'ledger.entry_legs_invalid': {
    status: 400,
    title: 'An entry has 2 to 16 legs, none of them zero, each on another account',
  },
  'ledger.entry_unbalanced': { status: 400, title: 'The legs do not sum to zero in each currency' },
  'ledger.correction_exceeded': { status: 409, title: 'More would be returned than was paid' },

  // Cards; `iso8583` is the response code (field 39) of ISO 8583
  'card.not_found': { status: 404, title: 'There is no such card', iso8583: '14' },
  'card.not_active': { status: 409, title: 'The card is not active', iso8583: '62' },
  'card.expired': { status: 409, title: 'The card has expired', iso8583: '54' },
  'card.limit_exceeded': { status: 409, title: 'The amount passes a limit of the card', iso8583: '61' },
  'card.currency_mismatch': { status: 409, title: 'The card keeps another currency', iso8583: '57' },
  'card.number_invalid': {
    status: 400,
    title: 'The card number does not pass its check digit',
    iso8583: '14',
  },

  // Payments
  'payment.id_reused': { status: 409, title: 'A payment with this id exists already' },
  'payment.end_to_end_id_reused': {
    status: 409,
    title: 'The payer used this end-to-end id for another payment',
  },
  'payment.not_found': { status: 404, title: 'There is no such payment, or it is not yours' },
  'payment.state_conflict': { status: 409, title: 'The payment is not in a state that allows this' },
  'payment.amount_exceeded': { status: 409, title: 'The amount is more than what is left of the payment' },

  // Registrar
  'producer.proof_invalid': { status: 400, title: 'The proof of possession does not verify' },
  'producer.key_not_found': { status: 404, title: 'There is no such key' },
  'producer.key_reused': { status: 409, title: 'The key belongs to another producer' },
} as const satisfies Record<string, { status: number; title: string; iso8583?: string }>;

/** The name of an error, one of the keys of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;

/** One place in a document that is wrong: a JSON Pointer (RFC 6901) and what is wrong there. Never the value. */
export interface Fault {
  path: string;
  message: string;
}

/** An error with a code. `detail` and `faults` are told to whoever caused it, so they never hold a secret. */
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
