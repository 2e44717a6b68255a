import type { OperationDefinition } from '@tallystick/contracts';
import type { JsonSchema } from './json-schema.ts';

const text = { type: 'string' };

/** Describes the headers of a request, besides `Authorization`. */
export function requestHeaders({ proof, idempotent, successStatuses }: OperationDefinition): JsonSchema[] {
  return [
    {
      name: 'DPoP',
      in: 'header',
      required: proof === 'dpop',
      description:
        proof === 'dpop'
          ? 'Proof of the token’s key (RFC 9449) with the claim `content_digest`: the SHA-256 of the body'
          : 'Proof of the token’s key (RFC 9449); required if the token is bound to one',
      schema: text,
    },
    ...(idempotent
      ? [
          {
            name: 'Idempotency-Key',
            in: 'header',
            required: true,
            description: 'Names the request: repeated within 24 hours, it gets the first answer again',
            schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' },
          },
        ]
      : []),
    ...(successStatuses.includes(202)
      ? [
          {
            name: 'Prefer',
            in: 'header',
            required: false,
            description: '`wait=N` waits up to N seconds, at most 30, for the outcome (RFC 7240)',
            schema: { ...text, examples: ['wait=10'] },
          },
        ]
      : []),
  ];
}

/** Describes the headers of a successful answer. */
export function responseHeaders(
  { location, idempotent, versions }: OperationDefinition,
  version: number,
): JsonSchema {
  const header = (description: string): JsonSchema => ({ description, schema: text });
  return {
    ...(location === undefined ? {} : { Location: header('Path of the outcome') }),
    ...(idempotent ? { 'Idempotency-Replayed': header('`true` if this is the first answer again') } : {}),
    ...(versions[version]?.deprecated === undefined
      ? {}
      : {
          Deprecation: header('Since when the version is deprecated (RFC 9745)'),
          Sunset: header('From when the version is refused (RFC 8594)'),
          Link: header('The version to use instead: `successor-version`'),
        }),
    RateLimit: header('What is left of the limits by address and subject, and for how long'),
    'RateLimit-Policy': header('The limits by address and subject'),
  };
}
