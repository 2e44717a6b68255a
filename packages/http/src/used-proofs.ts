import type { Transaction } from '@tallystick/postgres';
import type { DpopProof } from '@tallystick/security';
import { CLOCK_SKEW_S, PROOF_AGE_MAX_S } from './authenticate.ts';

/** Builds the key of a proof in a set. */
export function proofName({ keyThumbprint, jti }: DpopProof): string {
  return `${keyThumbprint}\n${jti}`;
}

/**
 * Records proofs as used (RFC 9449 §11.1).
 * @returns the proofs that were unused, keyed by {@link proofName}
 */
export async function useProofs(tx: Transaction, proofs: readonly DpopProof[]): Promise<Set<string>> {
  if (proofs.length === 0) return new Set();
  // All transactions use the same order, so that two with the same proofs do not deadlock.
  const sorted = proofs.toSorted((a, b) => (proofName(a) < proofName(b) ? -1 : 1));
  const { rows } = await tx.query<{ key_thumbprint: string; jti: string }>({
    name: 'used_proof_insert',
    text: `INSERT INTO used_proof (key_thumbprint, jti, remember_until)
           SELECT key_thumbprint, jti, to_timestamp(until)
           FROM unnest($1::text[], $2::text[], $3::float8[]) AS asked (key_thumbprint, jti, until)
           ON CONFLICT DO NOTHING RETURNING key_thumbprint, jti`,
    values: [
      sorted.map(({ keyThumbprint }) => keyThumbprint),
      sorted.map(({ jti }) => jti),
      sorted.map(({ issuedAtS }) => issuedAtS + PROOF_AGE_MAX_S + CLOCK_SKEW_S),
    ],
  });
  return new Set(rows.map((row) => `${row.key_thumbprint}\n${row.jti}`));
}

/** Releases the proofs that this transaction recorded for refused requests. */
export function releaseProofs(tx: Transaction, proofs: readonly DpopProof[]): void {
  if (proofs.length === 0) return;
  tx.write({
    name: 'used_proof_release',
    text: `DELETE FROM used_proof u USING unnest($1::text[], $2::text[]) AS refused (key_thumbprint, jti)
           WHERE u.key_thumbprint = refused.key_thumbprint AND u.jti = refused.jti`,
    values: [proofs.map(({ keyThumbprint }) => keyThumbprint), proofs.map(({ jti }) => jti)],
  });
}
