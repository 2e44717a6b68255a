import { insertRows, rowSource, type Transaction } from '@tallystick/postgres';
import type { DpopProof } from '@tallystick/security';
import { CLOCK_SKEW_S, PROOF_AGE_MAX_S } from './authenticate.ts';

/** Builds the key of a proof in a set. */
export function proofName({ keyThumbprint, jti }: DpopProof): string {
  return `${keyThumbprint}\n${jti}`;
}

const proofInsert = insertRows<DpopProof>(
  'used_proof_insert',
  'used_proof',
  {
    key_thumbprint: ['text', ({ keyThumbprint }) => keyThumbprint],
    jti: ['text', ({ jti }) => jti],
    remember_until: [
      'timestamptz',
      ({ issuedAtS }) => new Date((issuedAtS + PROOF_AGE_MAX_S + CLOCK_SKEW_S) * 1_000),
    ],
  },
  { orElse: 'ON CONFLICT DO NOTHING RETURNING key_thumbprint, jti' },
);

/**
 * Records proofs as used (RFC 9449 §11.1).
 * @returns the proofs that were unused, keyed by {@link proofName}
 */
export async function useProofs(tx: Transaction, proofs: readonly DpopProof[]): Promise<Set<string>> {
  if (proofs.length === 0) return new Set();
  // All transactions use the same order, so that two with the same proofs do not deadlock.
  const sorted = proofs.toSorted((a, b) => (proofName(a) < proofName(b) ? -1 : 1));
  const { rows } = await tx.query<{ key_thumbprint: string; jti: string }>(proofInsert(sorted));
  return new Set(rows.map((row) => `${row.key_thumbprint}\n${row.jti}`));
}

const refusedProofs = rowSource<DpopProof>({
  key_thumbprint: ['text', ({ keyThumbprint }) => keyThumbprint],
  jti: ['text', ({ jti }) => jti],
});

/** Releases the proofs that this transaction recorded for refused requests. */
export function releaseProofs(tx: Transaction, proofs: readonly DpopProof[]): void {
  if (proofs.length === 0) return;
  tx.write({
    name: 'used_proof_release',
    text: `DELETE FROM used_proof u USING (${refusedProofs.sql}) AS refused
           WHERE u.key_thumbprint = refused.key_thumbprint AND u.jti = refused.jti`,
    values: refusedProofs.values(proofs),
  });
}
