import { evidenceKey } from '@tallystick/contracts';
import { insertRows, rowSource, type Transaction } from '@tallystick/postgres';
import type { EvidenceUse } from '@tallystick/security';

const askedEvidence = rowSource<EvidenceUse>({
  iss: ['text', ({ iss }) => iss],
  jti: ['text', ({ jti }) => jti],
});

/** The pieces of evidence that were used before, by {@link evidenceKey}. */
export async function findUsedEvidence(tx: Transaction, uses: readonly EvidenceUse[]): Promise<Set<string>> {
  if (uses.length === 0) return new Set();
  const { rows } = await tx.query<{ iss: string; jti: string }>({
    name: 'used_evidence_find',
    text: `SELECT found.* FROM (${askedEvidence.sql}) AS asked CROSS JOIN LATERAL
             (SELECT u.iss, u.jti FROM used_evidence u WHERE u.iss = asked.iss AND u.jti = asked.jti OFFSET 0) AS found`,
    values: askedEvidence.values(uses),
  });
  return new Set(rows.map(evidenceKey));
}

const evidenceInsert = insertRows<EvidenceUse>('used_evidence_insert', 'used_evidence', {
  iss: ['text', ({ iss }) => iss],
  jti: ['text', ({ jti }) => jti],
  usable_until: ['timestamptz', ({ usableUntilS }) => new Date(usableUntilS * 1_000)],
});

/** Marks evidence as used. The transaction fails if it is used already: it was looked up under a lock. */
export function rememberUsedEvidence(tx: Transaction, uses: readonly EvidenceUse[]): void {
  if (uses.length > 0) tx.write(evidenceInsert(uses));
}
