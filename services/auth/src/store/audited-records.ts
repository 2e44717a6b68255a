import { auditOf, type Decision } from '@tallystick/audit';
import { AUDIT_DONE } from '@tallystick/contracts';
import { transaction, type Pool, type Transaction } from '@tallystick/postgres';
import { createOidcRecords, type OidcRecords } from './oidc-records.ts';
import { replaceSuccessors } from './refresh-tokens.ts';

/** The parties in the payload of a grant or a session. */
interface Parties {
  accountId?: string;
  clientId?: string;
}

/**
 * Replaces a refresh token in one transaction, and audits changes of consents and sessions, each in its transaction: a consent given, a consent that a client revoked or
 * misused, and a session that ended.
 */
export function auditedRecords(pool: Pool, nowMs: () => number): OidcRecords {
  const change = <T>(work: (tx: Transaction, records: OidcRecords) => Promise<T>): Promise<T> =>
    transaction(pool, (tx) => work(tx, createOidcRecords(tx)));
  const write = (
    tx: Transaction,
    decision: Pick<Decision, 'actor' | 'clientId' | 'action' | 'object'>,
  ): void => tx.write(auditOf([{ ...decision, outcome: AUDIT_DONE, atMs: nowMs() }]));

  return {
    ...createOidcRecords(pool),

    async put(record) {
      const { predecessorId } = record;
      if (predecessorId !== null)
        return change(
          async (tx, records) => (await replaceSuccessors(tx, predecessorId)) && records.put(record),
        );
      if (record.model !== 'Grant') return createOidcRecords(pool).put(record);
      const { accountId = '', clientId } = JSON.parse(record.payload) as Parties;
      return change(async (tx, records) => {
        write(tx, { actor: accountId, clientId, action: 'auth.consent.give', object: record.id });
        return records.put(record);
      });
    },

    async destroyGrant(grantId) {
      await change(async (tx, records) => {
        const { clientId } = await partiesOf(records, 'Grant', grantId);
        await records.destroyGrant(grantId);
        if (clientId !== undefined)
          write(tx, { actor: clientId, clientId, action: 'auth.consent.end', object: grantId });
      });
    },

    async destroySession(id, uid) {
      await change(async (tx, records) => {
        const { accountId } = await partiesOf(records, 'Session', id);
        await records.destroySession(id, uid);
        if (accountId !== undefined)
          write(tx, { actor: accountId, action: 'auth.session.end', object: accountId });
      });
    },
  };
}

async function partiesOf(records: OidcRecords, model: string, id: string): Promise<Parties> {
  return ((await records.find(model, id))?.payload ?? {}) as Parties;
}
