import { insertRows, type Queryable, type Transaction } from '@tallystick/postgres';
import type { AccountOwner, ProducerMandate } from '../app/payment-store.ts';
import type { PaymentParties } from '../domain/roles.ts';

/** The SQL expression of the account that pays a payment `p`: for a card it is known with the authorization. */
const payerAccount = "coalesce(p.debit_account_id, CASE p.source_kind WHEN 'account' THEN p.source_id END)";

/** Finds the parties of payments, by payment id. */
export async function findParties(
  on: Queryable,
  paymentIds: readonly string[],
): Promise<Map<string, PaymentParties>> {
  if (paymentIds.length === 0) return new Map();
  const { rows } = await on.query<{
    payment_id: string;
    payer_id: string | null;
    payee_id: string | null;
    agents: string[];
  }>({
    name: 'payment_parties',
    text: `SELECT p.payment_id,
                  (SELECT owner_id FROM account_owner WHERE account_id = ${payerAccount}) AS payer_id,
                  (SELECT owner_id FROM account_owner WHERE account_id = p.payee_account_id) AS payee_id,
                  ARRAY(SELECT producer_id FROM producer_mandate m WHERE m.account_id = p.payee_account_id
                          AND (m.ends_at IS NULL OR m.ends_at > clock_timestamp())) AS agents
           FROM payment p WHERE p.payment_id = ANY($1::text[])`,
    values: [paymentIds],
  });
  return new Map(
    rows.map((row) => [
      row.payment_id,
      {
        payerId: row.payer_id ?? undefined,
        payeeId: row.payee_id ?? undefined,
        payeeAgentIds: row.agents,
      },
    ]),
  );
}

/** Finds the owners of accounts, by account id. */
export async function findAccountOwners(
  on: Queryable,
  accountIds: readonly string[],
): Promise<Map<string, string>> {
  if (accountIds.length === 0) return new Map();
  const { rows } = await on.query<{ account_id: string; owner_id: string }>({
    name: 'account_owner_find',
    text: 'SELECT account_id, owner_id FROM account_owner WHERE account_id = ANY($1::text[])',
    values: [accountIds],
  });
  return new Map(rows.map(({ account_id, owner_id }) => [account_id, owner_id]));
}

const accountOwnerInsert = insertRows<AccountOwner>(
  'account_owner_insert',
  'account_owner',
  { account_id: ['text', ({ accountId }) => accountId], owner_id: ['text', ({ ownerId }) => ownerId] },
  { orElse: 'ON CONFLICT DO NOTHING' },
);

/** Saves the owners of accounts. */
export function insertAccountOwners(tx: Transaction, owners: readonly AccountOwner[]): void {
  if (owners.length > 0) tx.write(accountOwnerInsert(owners));
}

const mandateSave = insertRows<ProducerMandate>(
  'producer_mandate_save',
  'producer_mandate',
  {
    account_id: ['text', ({ accountId }) => accountId],
    producer_id: ['text', ({ producerId }) => producerId],
    mandate_id: ['text', ({ mandateId }) => mandateId],
    ends_at: ['timestamptz', ({ endsAtMs }) => (endsAtMs === undefined ? undefined : new Date(endsAtMs))],
  },
  {
    orElse: `ON CONFLICT (account_id, producer_id)
             DO UPDATE SET mandate_id = excluded.mandate_id, ends_at = excluded.ends_at`,
  },
);

/** Saves the current mandate of each producer on each account; of several, the last. */
export function saveMandates(tx: Transaction, mandates: readonly ProducerMandate[]): void {
  const current = new Map(mandates.map((one) => [`${one.accountId} ${one.producerId}`, one]));
  if (current.size > 0) tx.write(mandateSave([...current.values()]));
}

/** Deletes mandates that were withdrawn, unless another took their place. */
export function deleteMandates(tx: Transaction, mandateIds: readonly string[]): void {
  if (mandateIds.length === 0) return;
  tx.write({
    name: 'producer_mandate_delete',
    text: 'DELETE FROM producer_mandate WHERE mandate_id = ANY($1::text[])',
    values: [mandateIds],
  });
}
