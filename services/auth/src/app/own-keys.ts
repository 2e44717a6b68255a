import { auditOf } from '@tallystick/audit';
import { ConfigurationError } from '@tallystick/config';
import { AUDIT_DONE, CodedError, type ServiceName } from '@tallystick/contracts';
import type { Queryable } from '@tallystick/postgres';
import { registeredKey, type KeyRegistration, type ProducerKey } from '../domain/producer-key.ts';

/**
 * Decides the registration of a key of the seed.
 * @throws ConfigurationError if the key belongs to another producer or has another use
 */
export function seededKey(known: ProducerKey | undefined, asked: KeyRegistration, nowS: number): ProducerKey {
  try {
    return registeredKey(known, asked, nowS);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    throw new ConfigurationError(
      `SEED_FILE, producer ${asked.producerId}, key ${asked.kid}: ${error.message}`,
    );
  }
}

/** Audits what auth itself decides about a key. Operators' requests are audited where they are answered. */
export async function auditKey(
  db: Queryable,
  action: string,
  { producerId, kid }: ProducerKey,
  atMs: number,
): Promise<void> {
  const actor = 'auth' satisfies ServiceName;
  await db.query(auditOf([{ actor, action, object: `${producerId} ${kid}`, outcome: AUDIT_DONE, atMs }]));
}
