import { randomBytes } from 'node:crypto';
import { CodedError, type Permission } from '@tallystick/contracts';
import type { Queryable } from '@tallystick/postgres';
import { verifyPossession } from '@tallystick/security';
import { requireThirdParty, type KeyRegistration } from '../domain/producer-key.ts';
import { putEnrolment, takeEnrolment, type Enrolment } from '../store/enrolments.ts';
import { listKeysOf } from '../store/producer-keys.ts';

const ENROLMENT_LIFETIME_MS = 24 * 60 * 60 * 1_000;
const CODE_BYTES = 18;

/** An application of a third party for a certificate, as an operator passes it on. */
export interface KeyApplication {
  asked: KeyRegistration;
  /** Signed by the key itself. */
  proof: string;
  /** Signed by a key that the producer has. */
  approval: string | undefined;
  /** The operator's client that passes it on. */
  registeredBy: string;
}

/**
 * Invites a third party to register a key with these permissions.
 * @returns the one-time code, which the database does not have
 * @throws CodedError `producer.name_reserved`, `producer.permission_refused`
 */
export async function enrol(
  db: Queryable,
  invited: { producerId: string; permissions: readonly Permission[]; batch: boolean; createdBy: string },
  nowMs: number,
): Promise<{ code: string; expiresAt: Date }> {
  requireThirdParty({ ...invited, use: 'sig' });
  const code = randomBytes(CODE_BYTES).toString('base64url');
  const expiresAt = new Date(nowMs + ENROLMENT_LIFETIME_MS);
  await putEnrolment(db, code, { ...invited, expiresAt });
  return { code, expiresAt };
}

/**
 * Checks an application and uses its enrolment up. The first key of a producer needs its enrolment. Every further key
 * also needs a producer's own approval or a second operator: otherwise whoever holds one operator's client could speak
 * as a producer that has mandates.
 * @param byTwo whether the first key needs a second operator too
 * @throws CodedError `producer.name_reserved`, `producer.permission_refused`, `producer.proof_invalid`,
 * `producer.enrolment_invalid`, `producer.second_operator_needed`
 */
export async function requireEnrolled(
  db: Queryable,
  { asked, proof, approval, registeredBy }: KeyApplication,
  { byTwo, nowS }: { byTwo: boolean; nowS: number },
): Promise<void> {
  requireThirdParty(asked);
  const code = await verifyPossession(proof, asked.publicJwk, asked, nowS);
  const enrolment = await takeEnrolment(db, code);
  if (enrolment === undefined || !covers(enrolment, asked))
    throw new CodedError('producer.enrolment_invalid');
  const known = await listKeysOf(db, asked.producerId);
  const isByTwo = enrolment.createdBy !== registeredBy;
  if (isByTwo || (known.length === 0 && !byTwo)) return;
  const active = known.filter(({ use, status }) => use === 'sig' && status === 'active');
  if (approval === undefined || active.length === 0) throw new CodedError('producer.second_operator_needed');
  const approved = await Promise.allSettled(
    active.map(({ publicJwk }) => verifyPossession(approval, publicJwk, asked, nowS)),
  );
  if (!approved.some((one) => one.status === 'fulfilled' && one.value === code))
    throw new CodedError('producer.proof_invalid', {
      detail: 'no active key of the producer signed the approval',
    });
}

function covers(enrolment: Enrolment, { producerId, permissions, batch }: KeyRegistration): boolean {
  return (
    enrolment.producerId === producerId &&
    enrolment.batch === batch &&
    JSON.stringify(enrolment.permissions) === JSON.stringify(permissions)
  );
}
