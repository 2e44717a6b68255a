export interface ErrorDefinition {
  /** The HTTP status where the error reaches an HTTP client. */
  status: number;
  title: string;
  /** Whether the same request may succeed later. */
  retry: boolean;
  /** What to do about it, in a sentence. */
  action: string;
  /** Response code (field 39) of ISO 8583, where a card payment is declined for it. */
  iso8583?: string;
}

/**
 * Every error of the system, by its one name: the `code` of a problem document (RFC 9457), the reason in a
 * quarantine, the `error.type` of a span and the `code` of a rejection event.
 */
export const errorCodes = {
  // HTTP edge
  'request.invalid': {
    status: 400,
    title: 'The request does not fit its schema',
    retry: false,
    action: 'Correct the places that `errors` names.',
  },
  'request.not_json': {
    status: 400,
    title: 'The body is not JSON',
    retry: false,
    action: 'Send a body that is JSON.',
  },
  'request.too_large': {
    status: 413,
    title: 'The body is larger than this interface takes',
    retry: false,
    action: 'Send a smaller body.',
  },
  'request.media_type': {
    status: 415,
    title: 'The body must be application/json',
    retry: false,
    action: 'Send `Content-Type: application/json`.',
  },
  'route.not_found': {
    status: 404,
    title: 'There is no such operation',
    retry: false,
    action: 'Check method, path and version against the documents.',
  },
  'resource.not_found': {
    status: 404,
    title: 'There is no such object, or it is not yours',
    retry: false,
    action: 'Check the id, and that the token speaks for its owner.',
  },
  'token.missing': {
    status: 401,
    title: 'An access token is needed',
    retry: false,
    action: 'Send an access token in the Authorization header.',
  },
  'token.invalid': {
    status: 401,
    title: 'The access token does not verify',
    retry: false,
    action: 'Get a new access token from the authorization server.',
  },
  'token.expired': {
    status: 401,
    title: 'The access token has ended',
    retry: true,
    action: 'Refresh the access token and ask again.',
  },
  'token.scope_insufficient': {
    status: 403,
    title: 'The access token does not cover this operation',
    retry: false,
    action: 'Get a token with the scope that the detail names.',
  },
  'dpop.missing': {
    status: 401,
    title: 'This operation needs a DPoP proof',
    retry: false,
    action: 'Send a DPoP proof by the key that the token is bound to.',
  },
  'dpop.invalid': {
    status: 401,
    title: 'The DPoP proof does not verify',
    retry: false,
    action: 'Make a new proof for this method, URL, token and time.',
  },
  'dpop.replayed': {
    status: 401,
    title: 'The DPoP proof was used before',
    retry: true,
    action: 'Make a new proof, with a new jti, for each request.',
  },
  'dpop.digest_mismatch': {
    status: 401,
    title: 'The DPoP proof does not cover this body',
    retry: false,
    action: 'Make the proof over the body that is sent, to the byte.',
  },
  'idempotency.key_missing': {
    status: 400,
    title: 'An Idempotency-Key header is needed',
    retry: false,
    action: 'Send an Idempotency-Key that is new for each order.',
  },
  'idempotency.key_reused': {
    status: 422,
    title: 'The Idempotency-Key was used with another request',
    retry: false,
    action: 'Use a new key for another request.',
  },
  'idempotency.in_progress': {
    status: 409,
    title: 'A request with this Idempotency-Key is still running',
    retry: true,
    action: 'Wait, then ask again with the same key.',
  },
  'rate.limited': {
    status: 429,
    title: 'Too many requests',
    retry: true,
    action: 'Wait, then send fewer requests a second.',
  },
  'service.unavailable': {
    status: 503,
    title: 'The service cannot answer right now',
    retry: true,
    action: 'Ask again after a while, with the same Idempotency-Key.',
  },
  internal: {
    status: 500,
    title: 'The service failed',
    retry: true,
    action: 'Ask again later; if it stays so, tell the operator the trace_id.',
  },

  // Envelope checks, in their order
  'envelope.too_large': {
    status: 400,
    title: 'The message is larger than this interface takes',
    retry: false,
    action: 'Send a smaller message.',
  },
  'envelope.malformed': {
    status: 400,
    title: 'The value is not a compact JWS',
    retry: false,
    action: 'Send a compact JWS as the record value.',
  },
  'envelope.encryption_required': {
    status: 400,
    title: 'This message type must be encrypted to its recipient',
    retry: false,
    action: "Encrypt the message to the service's key.",
  },
  'envelope.decryption_failed': {
    status: 400,
    title: 'The message cannot be decrypted with the keys of this service',
    retry: false,
    action: "Encrypt the message to the service's current key.",
  },
  'envelope.header_refused': {
    status: 400,
    title: 'The protected header has a parameter or value that is not allowed',
    retry: false,
    action: 'Send alg, typ and kid in the protected header, and nothing else.',
  },
  'envelope.claims_invalid': {
    status: 400,
    title: 'The claims do not fit the envelope',
    retry: false,
    action: 'Correct the claims that the faults name.',
  },
  'envelope.key_unknown': {
    status: 400,
    title: 'No certificate names this key',
    retry: false,
    action: 'Register the key, and wait until the key topic lists it.',
  },
  'envelope.key_not_valid': {
    status: 400,
    title: 'The key was not valid when the message was issued',
    retry: false,
    action: 'Sign with a key whose certificate covers iat.',
  },
  'envelope.key_revoked': {
    status: 400,
    title: 'The key is revoked',
    retry: false,
    action: 'Register a new key and sign with it.',
  },
  'envelope.signature_invalid': {
    status: 400,
    title: 'The signature does not verify',
    retry: false,
    action: 'Sign the exact bytes that are sent.',
  },
  'envelope.issuer_mismatch': {
    status: 400,
    title: 'The key belongs to another producer',
    retry: false,
    action: "Put the key's own producer into iss.",
  },
  'envelope.audience_mismatch': {
    status: 400,
    title: 'The message was made for another topic',
    retry: false,
    action: 'Put the topic into aud.',
  },
  'envelope.subject_mismatch': {
    status: 400,
    title: 'The message was made for another record key',
    retry: false,
    action: 'Use one id for the record key, sub and the payload.',
  },
  'envelope.issued_in_future': {
    status: 400,
    title: 'The message was issued later than now',
    retry: false,
    action: 'Set the clock of the sender.',
  },
  'envelope.too_old': {
    status: 400,
    title: 'The event is older than the horizon',
    retry: false,
    action: 'Publish events soon after they happen.',
  },
  'envelope.expiry_missing': {
    status: 400,
    title: 'A command must have an expiry',
    retry: false,
    action: 'Put exp into a command.',
  },
  'envelope.lifetime_too_long': {
    status: 400,
    title: 'The expiry is later than policy allows',
    retry: false,
    action: 'Put exp nearer to iat.',
  },
  'envelope.expired': {
    status: 400,
    title: 'The message has expired',
    retry: false,
    action: 'Send the command again, under a new jti, if it is still wanted.',
  },
  'envelope.not_permitted': {
    status: 403,
    title: 'This producer may not send this type to this topic',
    retry: false,
    action: 'Ask the operator for a permission of this type and topic.',
  },
  'envelope.type_unknown': {
    status: 400,
    title: 'No schema is known for this type and version on this topic',
    retry: false,
    action: 'Check type and version against the documents.',
  },
  'envelope.schema_invalid': {
    status: 400,
    title: 'The payload does not fit its schema',
    retry: false,
    action: 'Correct the places that the faults name.',
  },
  'message.handler_failed': {
    status: 500,
    title: 'The message kept failing while others succeeded',
    retry: false,
    action: "Look into the consumer's log, then release the message from the quarantine.",
  },

  // Authority
  'evidence.kind_refused': {
    status: 403,
    title: 'This kind of evidence does not authorize this command',
    retry: false,
    action: 'Send the kind of evidence that the command needs.',
  },
  'evidence.invalid': {
    status: 403,
    title: 'The evidence does not verify',
    retry: false,
    action: 'Have the owner sign again.',
  },
  'evidence.expired': {
    status: 403,
    title: 'The evidence is too old',
    retry: false,
    action: 'Have the owner sign again.',
  },
  'evidence.mismatch': {
    status: 403,
    title: 'The evidence authorizes something else',
    retry: false,
    action: 'Ask for exactly what the owner signed.',
  },
  'evidence.used': {
    status: 409,
    title: 'The evidence has moved money already',
    retry: false,
    action: 'Have the owner sign a new order.',
  },
  'evidence.not_owner': {
    status: 403,
    title: 'The evidence is not from the owner of the account',
    retry: false,
    action: 'Have the owner of the account sign.',
  },
  'mandate.missing': {
    status: 403,
    title: 'No mandate lets this producer or card debit the account',
    retry: false,
    action: 'Have the owner grant a mandate.',
    iso8583: '57',
  },
  'mandate.limit_exceeded': {
    status: 403,
    title: 'The amount passes a limit of the mandate',
    retry: false,
    action: 'Order less, or have the owner grant a higher limit.',
    iso8583: '61',
  },
  'mandate.exists': {
    status: 409,
    title: 'A mandate with this id exists already',
    retry: false,
    action: 'Use a new mandate id.',
  },

  // Ledger
  'ledger.account_not_found': {
    status: 404,
    title: 'There is no such account',
    retry: false,
    action: 'Check the account id.',
  },
  'ledger.account_not_open': {
    status: 409,
    title: 'The account is not open',
    retry: false,
    action: 'Use an account that is open.',
  },
  'ledger.same_account': {
    status: 409,
    title: 'Debit and credit account are the same',
    retry: false,
    action: 'Name two accounts.',
  },
  'ledger.currency_mismatch': {
    status: 409,
    title: 'The account keeps another currency',
    retry: false,
    action: "Use the account's currency.",
  },
  'ledger.insufficient_funds': {
    status: 409,
    title: 'The available balance does not cover the amount',
    retry: false,
    action: 'Bring money in, or order less.',
    iso8583: '51',
  },
  'ledger.hold_not_found': {
    status: 404,
    title: 'There is no such hold on this account',
    retry: false,
    action: 'Check the hold id and its account.',
  },
  'ledger.hold_ended': {
    status: 409,
    title: 'The hold was posted, voided or has expired',
    retry: false,
    action: 'Place a new hold.',
  },
  'ledger.hold_exceeded': {
    status: 409,
    title: 'The amount is more than what the hold has left',
    retry: false,
    action: 'Post no more than the hold has left.',
  },
  'ledger.id_reused': {
    status: 409,
    title: 'The id was used for something else',
    retry: false,
    action: 'Use a new id.',
  },
  'refund.exceeds_payment': {
    status: 409,
    title: 'More would be returned than was paid',
    retry: false,
    action: 'Return no more than was paid and not returned.',
  },

  'ledger.balance_limit_exceeded': {
    status: 409,
    title: 'The balance would pass the largest amount that an account keeps',
    retry: false,
    action: 'Move less, or move it to another account.',
  },
  'ledger.entry_legs_invalid': {
    status: 400,
    title: 'An entry has 2 to 16 legs, none of them zero, each on another account',
    retry: false,
    action: 'Correct the legs.',
  },
  'ledger.entry_unbalanced': {
    status: 400,
    title: 'The legs do not sum to zero in each currency',
    retry: false,
    action: 'Correct the amounts of the legs.',
  },

  // Cards
  'card.not_found': {
    status: 404,
    title: 'There is no such card',
    retry: false,
    action: 'Check the card id or number.',
    iso8583: '14',
  },
  'card.not_active': {
    status: 409,
    title: 'The card is not active',
    retry: false,
    action: 'Use a card that is active.',
    iso8583: '62',
  },
  'card.expired': {
    status: 409,
    title: 'The card has expired',
    retry: false,
    action: 'Use a card that is in date.',
    iso8583: '54',
  },
  'card.limit_exceeded': {
    status: 409,
    title: 'The amount passes a limit of the card',
    retry: false,
    action: 'Order less, or have the holder raise the limit.',
    iso8583: '61',
  },
  'card.currency_mismatch': {
    status: 409,
    title: 'The card keeps another currency',
    retry: false,
    action: "Use the card's currency.",
    iso8583: '57',
  },
  'card.number_invalid': {
    status: 400,
    title: 'The card number does not pass its check digit',
    retry: false,
    action: 'Check the card number.',
    iso8583: '14',
  },

  // Payments
  'payment.id_reused': {
    status: 409,
    title: 'A payment with this id exists already',
    retry: false,
    action: 'Use a new payment id.',
  },
  'payment.end_to_end_id_reused': {
    status: 409,
    title: 'The payer used this end-to-end id for another payment',
    retry: false,
    action: 'Use a new end-to-end id, or look the first payment up.',
  },
  'payment.not_found': {
    status: 404,
    title: 'There is no such payment, or it is not yours',
    retry: false,
    action: 'Check the payment id, and that the payment is yours.',
  },
  'payment.state_conflict': {
    status: 409,
    title: 'The payment is not in a state that allows this',
    retry: false,
    action: 'Look the payment up, and order what its state allows.',
  },
  'payment.amount_exceeded': {
    status: 409,
    title: 'The amount is more than what is left of the payment',
    retry: false,
    action: 'Order no more than is left.',
  },

  // Registrar
  'producer.proof_invalid': {
    status: 400,
    title: 'The proof of possession does not verify',
    retry: false,
    action: 'Make the proof with the key that is registered, for this producer and now.',
  },
  'producer.key_not_found': {
    status: 404,
    title: 'There is no such key',
    retry: false,
    action: 'Check the producer id and the kid.',
  },
  'producer.key_reused': {
    status: 409,
    title: 'The key belongs to another producer',
    retry: false,
    action: 'Make a new key.',
  },
  'producer.name_reserved': {
    status: 403,
    title: 'The name is that of a service',
    retry: false,
    action: 'Register third parties only; the keys of services come with the seed.',
  },
  'producer.permission_refused': {
    status: 403,
    title: 'A third party may not have this permission or use',
    retry: false,
    action: 'Ask for commands of third parties, and a signing key, only.',
  },

  // Versions
  'interface.retired': {
    status: 410,
    title: 'This version is no longer served',
    retry: false,
    action: 'Use the version that the documents name.',
  },
} as const satisfies Record<string, ErrorDefinition>;

/** The name of an error, one of the keys of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;

/** 05: do not honour. */
const DO_NOT_HONOUR = '05';

/** The response code (field 39) of ISO 8583 for a reason, also for one of a later release. */
export function responseCodeOf(code: string): string {
  const { iso8583 }: Partial<ErrorDefinition> = Object.hasOwn(errorCodes, code)
    ? errorCodes[code as ErrorCode]
    : {};
  return iso8583 ?? DO_NOT_HONOUR;
}

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
