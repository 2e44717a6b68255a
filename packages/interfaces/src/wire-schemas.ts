import {
  certificateClaims,
  envelopeClaims,
  envelopeHeader,
  problem,
  quarantineHeaders,
  revocationClaims,
  snapshotClaims,
} from '@tallystick/contracts';
import { jsonSchemaOf, type JsonSchema } from './json-schema.ts';

/** The JWS of an envelope: its protected header and its claims. */
export function envelopeSchema(): JsonSchema {
  return {
    type: 'object',
    description: 'A compact JWS (RFC 7515): BASE64URL(header).BASE64URL(claims).BASE64URL(signature)',
    properties: { header: jsonSchemaOf(envelopeHeader), claims: jsonSchemaOf(envelopeClaims) },
    required: ['header', 'claims'],
    additionalProperties: false,
  };
}

/** The schemas of everything on the wire that is no message and no HTTP body, by name. */
export function wireSchemas(): Record<string, JsonSchema> {
  return {
    envelope: envelopeSchema(),
    certificate: jsonSchemaOf(certificateClaims),
    snapshot: jsonSchemaOf(snapshotClaims),
    revocation: jsonSchemaOf(revocationClaims),
    quarantine: quarantineSchema(),
    problem: jsonSchemaOf(problem),
  };
}

/** The headers that a quarantined record has in addition to its own. */
function quarantineSchema(): JsonSchema {
  const { reason, check, sourceTopic, sourcePartition, sourceOffset, consumer } = quarantineHeaders;
  return {
    type: 'object',
    description: 'Headers of a record in a quarantine; key, value and other headers are those of the record',
    properties: Object.fromEntries(
      Object.values(quarantineHeaders).map((name) => [name, { type: 'string' }]),
    ),
    required: [reason, check, sourceTopic, sourcePartition, sourceOffset, consumer],
  };
}
