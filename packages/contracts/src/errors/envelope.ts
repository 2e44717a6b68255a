import type { ErrorDefinition } from './error-definition.ts';

/** Errors of the envelope checks, in the order of the checks. */
export const envelopeErrors = {
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
  'envelope.keys_stale': {
    status: 503,
    title: 'No fresh snapshot of keys',
    retry: true,
    action: 'Retry once the service has read a fresh snapshot of keys.',
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
} as const satisfies Record<string, ErrorDefinition>;
