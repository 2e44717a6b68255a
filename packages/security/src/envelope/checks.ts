import {
  BATCH_ALG,
  isRetired,
  lift,
  listedTopic,
  type EnvelopeClaims,
  type MessageDefinition,
} from '@tallystick/contracts';
import type { TrustedKey } from '../keyring/trusted-key.ts';
import { faultsOf } from '../parse/parse.ts';
import type { EnvelopePolicy } from './claims.ts';
import type { Refuse } from './refusal.ts';

/**
 * Checks that the key may sign and was valid at `iat`.
 * @param signed.asSigned whether a key that was revoked after `iat` counts
 * @throws Refusal of the check key_validity
 */
export function checkKey(
  { certificate, producerId }: TrustedKey,
  { claims, alg, asSigned }: { claims: EnvelopeClaims; alg: string; asSigned: boolean },
  refuse: Refuse,
): void {
  if (certificate.use !== 'sig')
    throw refuse('key_validity', 'envelope.key_not_valid', { detail: 'not a signing key' });
  const { status, revoked_since: revokedSinceS = 0 } = certificate;
  if (status === 'revoked' && !(asSigned && claims.iat < revokedSinceS))
    throw refuse('key_validity', 'envelope.key_revoked');
  if (claims.iat < certificate.nbf || claims.iat >= certificate.exp)
    throw refuse('key_validity', 'envelope.key_not_valid');
  if (alg === BATCH_ALG && certificate.batch !== true)
    throw refuse('key_validity', 'envelope.key_not_valid', { detail: 'the key may not sign batches' });
  if (claims.iss !== producerId) throw refuse('key_validity', 'envelope.issuer_mismatch');
}

/**
 * Checks `iat` and `exp`.
 * @param kind of the message; `undefined` for an unknown type, which a later check refuses
 * @returns until when the message must be remembered, in seconds
 * @throws Refusal of the check time
 */
export function checkTime(
  kind: 'command' | 'event' | undefined,
  { iat, exp }: EnvelopeClaims,
  nowMs: number,
  policy: EnvelopePolicy,
  refuse: Refuse,
): number {
  const nowS = nowMs / 1000;
  if (iat > nowS + policy.clockSkewS) throw refuse('time', 'envelope.issued_in_future');
  if (exp !== undefined && exp + policy.clockSkewS <= nowS) throw refuse('time', 'envelope.expired');
  if (kind === undefined) return iat;
  if (kind === 'event') {
    if (iat + policy.eventHorizonS <= nowS) throw refuse('time', 'envelope.too_old');
    return iat + policy.eventHorizonS;
  }
  if (exp === undefined) throw refuse('time', 'envelope.expiry_missing');
  if (exp - iat > policy.commandLifetimeMaxS) throw refuse('time', 'envelope.lifetime_too_long');
  return exp + policy.clockSkewS;
}

/** Checks whether the key's certificate permits sending this type to this audience. */
export function mayUse({ certificate }: TrustedKey, audience: string, type: string): boolean {
  return certificate.permissions.some(({ topic, types }) => topic === audience && types.includes(type));
}

/** Removes the prefix of a topic's name, and returns the name under which it is listed. */
export function logicalTopic(topic: string, prefix: string): string {
  return listedTopic(topic.startsWith(prefix) ? topic.slice(prefix.length) : topic);
}

/**
 * Checks permission and schema, and decodes the payload.
 * @throws Refusal of the checks permission, schema and encryption
 */
export function checkContent(
  {
    key,
    topic,
    definition,
    claims,
    encrypted,
    nowMs,
  }: {
    key: TrustedKey;
    topic: string;
    definition: MessageDefinition | undefined;
    claims: EnvelopeClaims;
    encrypted: boolean;
    nowMs: number;
  },
  refuse: Refuse,
): { definition: MessageDefinition; data: unknown } {
  if (!mayUse(key, topic, claims.type)) throw refuse('permission', 'envelope.not_permitted');
  const version = definition?.versions[claims.version];
  if (definition === undefined || version === undefined) throw refuse('schema', 'envelope.type_unknown');
  if (isRetired(version, nowMs)) throw refuse('schema', 'interface.retired');
  if (definition.classification === 'confidential' && !encrypted)
    throw refuse('encryption', 'envelope.encryption_required');
  const payload = version.data.safeParse(claims.data);
  if (!payload.success)
    throw refuse('schema', 'envelope.schema_invalid', { faults: faultsOf(payload.error, '/data') });
  const data = lift(definition, claims.version, payload.data) as Record<string, unknown>;
  if (data[definition.key] !== claims.sub) {
    throw refuse('schema', 'envelope.subject_mismatch', {
      detail: 'sub is not the id that the payload is about',
    });
  }
  return { definition, data };
}
