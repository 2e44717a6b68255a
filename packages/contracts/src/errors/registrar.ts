import type { ErrorDefinition } from './error-definition.ts';

/** Errors of the registrar, the certificate authority for message keys. */
export const registrarErrors = {
  'producer.proof_invalid': {
    status: 400,
    title: 'Proof of possession invalid',
    retry: false,
    action: 'Make the proof with the key that is registered, over exactly what is registered, and now.',
  },
  'producer.enrolment_invalid': {
    status: 403,
    title: 'Enrolment code unknown, used or expired, or for other permissions',
    retry: false,
    action: 'Ask an operator for a new enrolment.',
  },
  'producer.second_operator_needed': {
    status: 403,
    title: 'Another operator must register this key',
    retry: false,
    action: 'Let a second registrar client send the request, or approve it with a key that the producer has.',
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
} as const satisfies Record<string, ErrorDefinition>;
