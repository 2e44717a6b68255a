import { insertRows, rowSource, updateRows, type Transaction } from '@tallystick/postgres';
import type { DataKeyName, KeyPurpose } from '@tallystick/security';
import type { KeyStore, StoredKey, StoredNumber, VaultedNumber } from '../app/key-store.ts';

const keyIdIn = (column: string): string =>
  `encode(substring(${column} FROM 3 FOR get_byte(${column}, 1)), 'escape')`;
/** The indexed expression: the id of the key that encrypted a number. */
const NUMBER_KEY = keyIdIn('number_encrypted');

/** Creates the Postgres store of data keys and of the rows that they protect. */
export function keyStore(tx: Transaction): KeyStore {
  return {
    holdKeys: () => readKeys(tx, 'ROW SHARE'),
    lockKeys: () => readKeys(tx, 'EXCLUSIVE'),
    async hasNumbers() {
      const { rows } = await tx.query<{ found: boolean }>('SELECT EXISTS (SELECT FROM card) AS found');
      return rows[0]!.found;
    },
    insertKeys(keys) {
      if (keys.length > 0) tx.write(keyInsert(keys));
    },
    updateKeys(keys) {
      if (keys.length > 0)
        tx.write({
          text: `UPDATE data_key SET wrapped = sent.wrapped FROM (${rewrapped.sql}) AS sent
                 WHERE data_key.purpose = sent.purpose AND data_key.key_id = sent.key_id`,
          values: rewrapped.values(keys),
        });
    },
    findUnused: (names) => findUnused(tx, names),
    async deleteKeys(names) {
      if (names.length === 0) return;
      await tx.query(
        `DELETE FROM data_key d USING (${keyNames.sql}) AS sent
         WHERE d.purpose = sent.purpose AND d.key_id = sent.key_id`,
        keyNames.values(names),
      );
    },
    async lockNumbersUnder({ encryption, fingerprint }, limit) {
      const { rows } = await tx.query<StoredNumber>(
        `SELECT card_id AS "cardId", number_encrypted AS encrypted FROM card
         WHERE ${NUMBER_KEY} = ANY($1::text[]) OR number_fingerprint_key = ANY($2::text[])
         LIMIT $3 FOR UPDATE SKIP LOCKED`,
        [encryption, fingerprint, limit],
      );
      return rows;
    },
    updateNumbers(numbers) {
      if (numbers.length > 0) tx.write(numberUpdate(numbers));
    },
  };
}

/**
 * Reads all keys. The two locks exclude each other: a key is neither added nor retired while a transaction uses keys,
 * so that concurrent transactions encrypt and compare fingerprints under the same keys.
 */
async function readKeys(tx: Transaction, mode: 'ROW SHARE' | 'EXCLUSIVE'): Promise<StoredKey[]> {
  // A separate statement, because the snapshot of the next one must be younger than the lock.
  tx.write({ text: `LOCK TABLE data_key IN ${mode} MODE` });
  const { rows } = await tx.query<{
    purpose: KeyPurpose;
    key_id: string;
    wrapped: Buffer;
    created_at: Date;
  }>({
    name: 'data_key_find',
    text: 'SELECT purpose, key_id, wrapped, created_at FROM data_key ORDER BY created_at, key_id',
  });
  return rows.map((row) => ({
    purpose: row.purpose,
    keyId: row.key_id,
    wrapped: row.wrapped,
    createdAtMs: row.created_at.getTime(),
  }));
}

const keyInsert = insertRows<StoredKey>('data_key_insert', 'data_key', {
  purpose: ['text', ({ purpose }) => purpose],
  key_id: ['text', ({ keyId }) => keyId],
  wrapped: ['bytea', ({ wrapped }) => wrapped],
  created_at: ['timestamptz', ({ createdAtMs }) => new Date(createdAtMs)],
});

const keyNames = rowSource<DataKeyName>({
  purpose: ['text', ({ purpose }) => purpose],
  key_id: ['text', ({ keyId }) => keyId],
});

const rewrapped = rowSource<StoredKey>({
  purpose: ['text', ({ purpose }) => purpose],
  key_id: ['text', ({ keyId }) => keyId],
  wrapped: ['bytea', ({ wrapped }) => wrapped],
});

/** A stored answer to `card.issue` is encrypted too; it is deleted after a day and never encrypted again. */
async function findUnused(tx: Transaction, names: readonly DataKeyName[]): Promise<DataKeyName[]> {
  if (names.length === 0) return [];
  const { rows } = await tx.query<DataKeyName>(
    `SELECT sent.purpose, sent.key_id AS "keyId" FROM (${keyNames.sql}) AS sent
     WHERE CASE sent.purpose
       WHEN 'fingerprint' THEN NOT EXISTS (SELECT FROM card WHERE number_fingerprint_key = sent.key_id)
       ELSE NOT EXISTS (SELECT FROM card WHERE ${NUMBER_KEY} = sent.key_id)
         AND NOT EXISTS (SELECT FROM idempotency_key WHERE ${keyIdIn('body_encrypted')} = sent.key_id)
     END`,
    keyNames.values(names),
  );
  return rows;
}

const numberUpdate = updateRows<VaultedNumber & { cardId: string }>('card_number_update', 'card', 'card_id', {
  card_id: ['text', ({ cardId }) => cardId],
  number_encrypted: ['bytea', ({ encrypted }) => encrypted],
  number_fingerprint: ['bytea', ({ fingerprint }) => fingerprint.value],
  number_fingerprint_key: ['text', ({ fingerprint }) => fingerprint.keyId],
});
