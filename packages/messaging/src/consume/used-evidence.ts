import type { Transaction } from '@tallystick/postgres';
import type { EvidenceUse } from '@tallystick/security';

/** The key of a piece of evidence in sets. */
export function evidenceKey({ iss, jti }: { iss: string; jti: string }): string {
  return `${iss}\n${jti}`;
}

/** The pieces of evidence that were used before, by {@link evidenceKey}. */
export async function findUsedEvidence(tx: Transaction, uses: readonly EvidenceUse[]): Promise<Set<string>> {
  if (uses.length === 0) return new Set();
  const { rows } = await tx.query<{ iss: string; jti: string }>({
    name: 'used_evidence_find',
    text: `SELECT found.* FROM unnest($1::text[], $2::text[]) AS asked (iss, jti) CROSS JOIN LATERAL
             (SELECT u.iss, u.jti FROM used_evidence u WHERE u.iss = asked.iss AND u.jti = asked.jti OFFSET 0) AS found`,
    values: [uses.map(({ iss }) => iss), uses.map(({ jti }) => jti)],
  });
  return new Set(rows.map(evidenceKey));
}

/** Marks evidence as used. The transaction fails if it is used already: it was looked up under a lock. */
export function rememberUsedEvidence(tx: Transaction, uses: readonly EvidenceUse[]): void {
  if (uses.length === 0) return;
  tx.write({
    name: 'used_evidence_remember',
    text: `INSERT INTO used_evidence (iss, jti, usable_until)
           SELECT iss, jti, to_timestamp(until) FROM unnest($1::text[], $2::text[], $3::float8[]) AS t (iss, jti, until)`,
    values: [
      uses.map(({ iss }) => iss),
      uses.map(({ jti }) => jti),
      uses.map(({ usableUntilS }) => usableUntilS),
    ],
  });
}
