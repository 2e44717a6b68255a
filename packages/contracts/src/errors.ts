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
    title: 'Request does not match its schema',
    retry: false,
    action: 'Correct the places that `errors` names.',
  },
  'request.not_json': {
    status: 400,
    title: 'Body is not JSON',
    retry: false,
    action: 'Send a body that is JSON.',
  },
  'request.too_large': {
    status: 413,
    title: 'Body too large',
    retry: false,
    action: 'Send a smaller body.',
  },
  'request.media_type': {
    status: 415,
    title: 'Content type must be application/json',
    retry: false,
    action: 'Send `Content-Type: application/json`.',
  },
  'route.not_found': {
    status: 404,
    title: 'Operation not found',
    retry: false,
    action: 'Check method, path and version against the documents.',
  },
  'resource.not_found': {
    status: 404,
    title: 'Resource not found',
    retry: false,
    action: 'Check the id, and that the token speaks for its owner.',
  },
  'token.missing': {
    status: 401,
    title: 'Access token missing',
    retry: false,
    action: 'Send an access token in the Authorization header.',
  },
  'token.invalid': {
    status: 401,
    title: 'Access token invalid',
    retry: false,
    action: 'Get a new access token from the authorization server.',
  },
  'token.expired': {
    status: 401,
    title: 'Access token expired',
    retry: true,
    action: 'Refresh the access token, then retry.',
  },
  'token.scope_insufficient': {
    status: 403,
    title: 'Access token lacks the scope for this operation',
    retry: false,
    action: 'Get a token with the scope that the detail names.',
  },
  'dpop.missing': {
    status: 401,
    title: 'DPoP proof missing',
    retry: false,
    action: 'Send a DPoP proof by the key that the token is bound to.',
  },
  'dpop.invalid': {
    status: 401,
    title: 'DPoP proof invalid',
    retry: false,
    action: 'Make a new proof for this method, URL, token and time.',
  },
  'dpop.replayed': {
    status: 401,
    title: 'DPoP proof already used',
    retry: true,
    action: 'Make a new proof, with a new jti, for each request.',
  },
  'dpop.digest_mismatch': {
    status: 401,
    title: 'DPoP proof does not match the body',
    retry: false,
    action: 'Make the proof over the body that is sent, to the byte.',
  },
  'idempotency.key_missing': {
    status: 400,
    title: 'Idempotency-Key header missing',
    retry: false,
    action: 'Send an Idempotency-Key that is new for each order.',
  },
  'idempotency.key_reused': {
    status: 422,
    title: 'Idempotency-Key already used for another request',
    retry: false,
    action: 'Use a new key for another request.',
  },
  'idempotency.in_progress': {
    status: 409,
    title: 'Request with this Idempotency-Key still in progress',
    retry: true,
    action: 'Wait, then retry with the same key.',
  },
  'rate.limited': {
    status: 429,
    title: 'Too many requests',
    retry: true,
    action: 'Wait, then send fewer requests a second.',
  },
  'service.unavailable': {
    status: 503,
    title: 'Service temporarily unavailable',
    retry: true,
    action: 'Retry later with the same Idempotency-Key.',
  },
  internal: {
    status: 500,
    title: 'Internal error',
    retry: true,
    action: 'Retry later. If the error persists, give the trace_id to the operator.',
  },

  // Envelope checks, in their order
  'envelope.too_large': {
    status: 400,
    title: 'Message too large',
    retry: false,
    action: 'Send a smaller message.',
  },
  'envelope.malformed': {
    status: 400,
    title: 'Record value is not a compact JWS',
    retry: false,
    action: 'Send a compact JWS as the record value.',
  },
  'envelope.encryption_required': {
    status: 400,
    title: 'Message type must be encrypted to its recipient',
    retry: false,
    action: "Encrypt the message to the service's key.",
  },
  'envelope.decryption_failed': {
    status: 400,
    title: 'Message cannot be decrypted with the keys of this service',
    retry: false,
    action: "Encrypt the message to the service's current key.",
  },
  'envelope.header_refused': {
    status: 400,
    title: 'Protected header has a parameter or value that is not allowed',
    retry: false,
    action: 'Send alg, typ and kid in the protected header, and nothing else.',
  },
  'envelope.claims_invalid': {
    status: 400,
    title: 'Claims do not match the envelope schema',
    retry: false,
    action: 'Correct the claims that the faults name.',
  },
  'envelope.key_unknown': {
    status: 400,
    title: 'Unknown key',
    retry: false,
    action: 'Register the key, and wait until the key topic lists it.',
  },
  'envelope.key_not_valid': {
    status: 400,
    title: 'Key not valid when the message was issued',
    retry: false,
    action: 'Sign with a key whose certificate covers iat.',
  },
  'envelope.key_revoked': {
    status: 400,
    title: 'Key revoked',
    retry: false,
    action: 'Register a new key and sign with it.',
  },
  'envelope.signature_invalid': {
    status: 400,
    title: 'Signature invalid',
    retry: false,
    action: 'Sign the exact bytes that are sent.',
  },
  'envelope.issuer_mismatch': {
    status: 400,
    title: 'Key belongs to another producer',
    retry: false,
    action: "Put the key's own producer into iss.",
  },
  'envelope.audience_mismatch': {
    status: 400,
    title: 'Audience is another topic',
    retry: false,
    action: 'Put the topic into aud.',
  },
  'envelope.subject_mismatch': {
    status: 400,
    title: 'Subject is another record key',
    retry: false,
    action: 'Use one id for the record key, sub and the payload.',
  },
  'envelope.issued_in_future': {
    status: 400,
    title: 'Message issued in the future',
    retry: false,
    action: 'Set the clock of the sender.',
  },
  'envelope.too_old': {
    status: 400,
    title: 'Event too old',
    retry: false,
    action: 'Publish events soon after they happen.',
  },
  'envelope.expiry_missing': {
    status: 400,
    title: 'Command has no expiry',
    retry: false,
    action: 'Put exp into a command.',
  },
  'envelope.lifetime_too_long': {
    status: 400,
    title: 'Command lifetime too long',
    retry: false,
    action: 'Put exp nearer to iat.',
  },
  'envelope.expired': {
    status: 400,
    title: 'Message expired',
    retry: false,
    action: 'Send the command again, under a new jti, if it is still wanted.',
  },
  'envelope.not_permitted': {
    status: 403,
    title: 'Producer is not permitted to send this type to this topic',
    retry: false,
    action: 'Ask the operator for a permission of this type and topic.',
  },
  'envelope.type_unknown': {
    status: 400,
    title: 'Unknown type or version on this topic',
    retry: false,
    action: 'Check type and version against the documents.',
  },
  'envelope.schema_invalid': {
    status: 400,
    title: 'Payload does not match its schema',
    retry: false,
    action: 'Correct the places that the faults name.',
  },
  'message.handler_failed': {
    status: 500,
    title: 'Handler failed repeatedly for this message',
    retry: false,
    action: "Look into the consumer's log, then release the message from the quarantine.",
  },

  // Authority
  'evidence.kind_refused': {
    status: 403,
    title: 'Kind of evidence does not authorize this command',
    retry: false,
    action: 'Send the kind of evidence that the command needs.',
  },
  'evidence.invalid': {
    status: 403,
    title: 'Evidence invalid',
    retry: false,
    action: 'Have the owner sign again.',
  },
  'evidence.expired': {
    status: 403,
    title: 'Evidence expired',
    retry: false,
    action: 'Have the owner sign again.',
  },
  'evidence.mismatch': {
    status: 403,
    title: 'Evidence does not match the command',
    retry: false,
    action: 'Ask for exactly what the owner signed.',
  },
  'evidence.used': {
    status: 409,
    title: 'Evidence already used',
    retry: false,
    action: 'Have the owner sign a new order.',
  },
  'evidence.not_owner': {
    status: 403,
    title: 'Evidence is not from the account owner',
    retry: false,
    action: 'Have the owner of the account sign.',
  },
  'mandate.missing': {
    status: 403,
    title: 'No mandate for this producer or card on the account',
    retry: false,
    action: 'Have the owner grant a mandate.',
    iso8583: '57',
  },
  'mandate.limit_exceeded': {
    status: 403,
    title: 'Mandate limit exceeded',
    retry: false,
    action: 'Order a smaller amount, or have the owner grant a higher limit.',
    iso8583: '61',
  },
  'mandate.exists': {
    status: 409,
    title: 'Mandate id already exists',
    retry: false,
    action: 'Use a new mandate id.',
  },

  // Ledger
  'ledger.account_not_found': {
    status: 404,
    title: 'Account not found',
    retry: false,
    action: 'Check the account id.',
  },
  'ledger.account_not_open': {
    status: 409,
    title: 'Account not open',
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
    title: 'Currency mismatch with the account',
    retry: false,
    action: "Use the account's currency.",
  },
  'ledger.insufficient_funds': {
    status: 409,
    title: 'Insufficient funds',
    retry: false,
    action: 'Fund the account, or order a smaller amount.',
    iso8583: '51',
  },
  'ledger.hold_not_found': {
    status: 404,
    title: 'Hold not found on this account',
    retry: false,
    action: 'Check the hold id and its account.',
  },
  'ledger.hold_ended': {
    status: 409,
    title: 'Hold already ended',
    retry: false,
    action: 'Place a new hold.',
  },
  'ledger.hold_exceeded': {
    status: 409,
    title: 'Amount exceeds the rest of the hold',
    retry: false,
    action: 'Post no more than the hold has left.',
  },
  'ledger.id_reused': {
    status: 409,
    title: 'Id already used',
    retry: false,
    action: 'Use a new id.',
  },
  'refund.exceeds_payment': {
    status: 409,
    title: 'Refund exceeds the payment',
    retry: false,
    action: 'Return no more than was paid and not returned.',
  },

  'ledger.balance_limit_exceeded': {
    status: 409,
    title: 'Balance limit exceeded',
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
    title: 'Card not found',
    retry: false,
    action: 'Check the card id or number.',
    iso8583: '14',
  },
  'card.not_active': {
    status: 409,
    title: 'Card not active',
    retry: false,
    action: 'Use a card that is active.',
    iso8583: '62',
  },
  'card.expired': {
    status: 409,
    title: 'Card expired',
    retry: false,
    action: 'Use a card that is in date.',
    iso8583: '54',
  },
  'card.limit_exceeded': {
    status: 409,
    title: 'Card limit exceeded',
    retry: false,
    action: 'Order a smaller amount, or have the holder raise the limit.',
    iso8583: '61',
  },
  'card.currency_mismatch': {
    status: 409,
    title: 'Currency mismatch with the card',
    retry: false,
    action: "Use the card's currency.",
    iso8583: '57',
  },
  'card.number_invalid': {
    status: 400,
    title: 'Card number fails its check digit',
    retry: false,
    action: 'Check the card number.',
    iso8583: '14',
  },

  // Payments
  'payment.id_reused': {
    status: 409,
    title: 'Payment id already exists',
    retry: false,
    action: 'Use a new payment id.',
  },
  'payment.end_to_end_id_reused': {
    status: 409,
    title: 'End-to-end id already used by this payer',
    retry: false,
    action: 'Use a new end-to-end id, or look the first payment up.',
  },
  'payment.not_found': {
    status: 404,
    title: 'Payment not found',
    retry: false,
    action: 'Check the payment id, and that the payment is yours.',
  },
  'payment.state_conflict': {
    status: 409,
    title: 'Payment status does not allow this operation',
    retry: false,
    action: 'Look the payment up, and order what its state allows.',
  },
  'payment.amount_exceeded': {
    status: 409,
    title: 'Amount exceeds the rest of the payment',
    retry: false,
    action: 'Order no more than is left.',
  },

  // Registrar
  'producer.proof_invalid': {
    status: 400,
    title: 'Proof of possession invalid',
    retry: false,
    action: 'Make the proof with the key that is registered, for this producer and now.',
  },
  'producer.key_not_found': {
    status: 404,
    title: 'Key not found',
    retry: false,
    action: 'Check the producer id and the kid.',
  },
  'producer.key_reused': {
    status: 409,
    title: 'Key belongs to another producer',
    retry: false,
    action: 'Make a new key.',
  },
  'producer.name_reserved': {
    status: 403,
    title: 'Name reserved for a service',
    retry: false,
    action: 'Register third parties only; the keys of services come with the seed.',
  },
  'producer.permission_refused': {
    status: 403,
    title: 'Permission or use not allowed for a third party',
    retry: false,
    action: 'Ask for commands of third parties, and a signing key, only.',
  },

  // Versions
  'interface.retired': {
    status: 410,
    title: 'Version retired',
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
