import { randomBytes } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { messages, newId } from '@tallystick/contracts';
import { deliver, eventually, received } from '@tallystick/messaging/testing';
import { transaction, type Transaction } from '@tallystick/postgres';
import { encryptField, fingerprint, fingerprintsOf, type FieldKeys, type KeySet } from '@tallystick/security';

import { StoredFieldKeys } from '../src/field-keys.ts';
import { cardStore } from '../src/store/card-store.ts';
import { NUMBER_PURPOSE, vaultNumber } from '../src/vault.ts';
import { silent, startCardWorld, type CardWorld } from './card-world.ts';

const DAY_MS = 86_400_000;
const LIFE_MS = 90 * DAY_MS;

let world: CardWorld;
/** The clock of the replicas. */
let nowMs: number;
beforeAll(async () => {
  world = await startCardWorld();
});
afterAll(() => world.stop());
beforeEach(async () => {
  await world.pool.query('TRUNCATE data_key, card, idempotency_key CASCADE');
  await world.fieldKeys.prepare(undefined);
  nowMs = Date.now();
});

const inTransaction = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => transaction(world.pool, work);
const kek = (current: string, older: KeySet['keys'] = {}): KeySet => ({
  current,
  keys: { ...older, [current]: randomBytes(32) },
});

/** Starts a further process of the service on the same tables. */
const replica = (wrappers = world.keyEncryptionKeys, pieceNumbers = 4): StoredFieldKeys =>
  new StoredFieldKeys({
    pool: world.pool,
    keyEncryptionKeys: () => wrappers,
    lifeMs: LIFE_MS,
    nowMs: () => nowMs,
    logger: silent,
    pieceNumbers,
  });
const turn = (keys: StoredFieldKeys): Promise<void> => keys.turn(new AbortController().signal);

/** The ids of the stored keys, by purpose, and of those that rows use. */
async function keyIds(): Promise<{ stored: string[]; encryption: string[]; fingerprint: string[] }> {
  const { rows } = await world.pool.query<{ stored: string[]; encryption: string[]; fingerprint: string[] }>(
    `SELECT ARRAY(SELECT purpose || '/' || key_id FROM data_key ORDER BY purpose, created_at, key_id) AS stored,
       ARRAY(SELECT DISTINCT encode(substring(number_encrypted FROM 3 FOR get_byte(number_encrypted, 1)), 'escape')
             FROM card ORDER BY 1) AS encryption,
       ARRAY(SELECT DISTINCT number_fingerprint_key FROM card ORDER BY 1) AS fingerprint`,
  );
  return rows[0]!;
}

/** Asks for the cards of numbers, as a third party. @returns whether each was found */
async function areFound(numbers: readonly string[]): Promise<boolean[]> {
  const commands = numbers.map((number) =>
    received(messages.cardTokenize, { tokenizationId: newId('tok'), number }, { iss: 'acme' }),
  );
  const { refused } = await deliver(world.pool, world.commands(), commands);
  return commands.map(({ claims }) => !refused.has(claims.jti));
}

/** Inserts a card with this number. @returns whether no other card has it */
function insertCardWith(tx: Transaction, keys: FieldKeys, number: string): Promise<boolean> {
  const cardId = newId('crd');
  const limits = { perPaymentMinor: 1n, perDayMinor: 1n, perMonthMinor: 1n };
  const owned = { cardId, ownerId: newId('usr'), accountId: newId('acc'), currency: 'EUR' as const, limits };
  const issued = { status: 'issued' as const, code: undefined, blockedAtMs: undefined, issuedAtMs: nowMs };
  return cardStore(tx).insertCard(
    { ...owned, ...issued, last4: number.slice(-4), expiry: '2030-01' },
    {
      mandateId: newId('mdt'),
      number: vaultNumber(number, cardId, keys),
      fingerprints: fingerprintsOf(keys.fingerprint, NUMBER_PURPOSE, number),
    },
  );
}

describe('the rotation of field keys', () => {
  test('replaces keys at the end of their life, encrypts all rows again, and retires the old keys', async () => {
    const before = await keyIds();
    const cards = await Promise.all(Array.from({ length: 10 }, () => world.issue()));
    await turn(replica());
    expect((await keyIds()).stored).toEqual(before.stored);
    nowMs += LIFE_MS;
    await turn(replica());
    const after = await keyIds();
    expect(after.stored).toEqual([
      `encryption/${after.encryption[0]}`,
      `fingerprint/${after.fingerprint[0]}`,
    ]);
    expect(after.stored.filter((key) => before.stored.includes(key))).toEqual([]);
    expect([after.encryption.length, after.fingerprint.length]).toEqual([1, 1]);
    expect(await areFound(cards.map(({ number }) => number))).toEqual(cards.map(() => true));
  });

  test('holds while two replicas issue cards and answer requests', async () => {
    const replicas = [replica(), replica()];
    const numbers: string[] = [];
    for (let round = 0; round < 6; round += 1) {
      nowMs += LIFE_MS;
      const known = [...numbers];
      const [issued, found] = await Promise.all([
        Promise.all(Array.from({ length: 6 }, () => world.issue())),
        areFound(known),
        ...replicas.map(turn),
      ]);
      expect(found).toEqual(known.map(() => true));
      numbers.push(...issued.map(({ number }) => number));
    }
    await turn(replicas[0]!);
    const { stored } = await keyIds();
    expect(stored.map((key) => key.split('/')[0])).toEqual(['encryption', 'fingerprint']);
    expect(await areFound(numbers)).toEqual(numbers.map(() => true));
  });

  test('finds a number under either key while its row still has the old fingerprint', async () => {
    const old = await world.issue();
    nowMs += LIFE_MS;
    await replica().prepare(undefined);
    const recent = await world.issue();
    expect((await keyIds()).fingerprint).toHaveLength(2);
    expect(await areFound([old.number, recent.number, '4111111111111111'])).toEqual([true, true, false]);
  });

  test('never gives the number of a card to a second card', async () => {
    const { number } = await world.issue();
    nowMs += LIFE_MS;
    await replica().prepare(undefined);
    const insertTwin = (): Promise<boolean> =>
      inTransaction(async (tx) => insertCardWith(tx, await world.fieldKeys.read(tx), number));
    expect(await insertTwin()).toBe(false);
    await turn(replica());
    expect(await insertTwin()).toBe(false);
  });

  test('waits for a transaction that uses the keys, so that none is deleted under a row', async () => {
    nowMs += LIFE_MS;
    let turned: Promise<void> | undefined;
    let hasEnded = false;
    const number = '4111111111111111';
    await inTransaction(async (tx) => {
      const keys = await world.fieldKeys.read(tx);
      turned = turn(replica()).then(() => void (hasEnded = true));
      await eventually(async () => {
        const { rows } = await world.pool.query(
          `SELECT FROM pg_locks WHERE relation = 'data_key'::regclass AND NOT granted`,
        );
        return rows.length > 0;
      });
      expect(hasEnded).toBe(false);
      expect(await insertCardWith(tx, keys, number)).toBe(true);
    });
    await turned;
    expect(await areFound([number])).toEqual([true]);
    expect((await keyIds()).encryption).toHaveLength(1);
  });

  test('keeps a key that a stored answer needs', async () => {
    const [, encryption] = /^encryption\/(.*)$/.exec((await keyIds()).stored[0]!)!;
    const { encryption: keys } = await inTransaction((tx) => world.fieldKeys.read(tx));
    const place = { table: 'idempotency_key', column: 'body_encrypted', rowId: 'usr_1\nkey' };
    await world.pool.query(
      `INSERT INTO idempotency_key (subject, key, request_digest, status, body_encrypted) VALUES ('usr_1', 'key', '', 202, $1)`,
      [encryptField(keys, '{}', place)],
    );
    nowMs += LIFE_MS;
    await turn(replica());
    expect((await keyIds()).stored).toContain(`encryption/${encryption}`);
    await world.pool.query('TRUNCATE idempotency_key');
    await turn(replica());
    expect((await keyIds()).stored).not.toContain(`encryption/${encryption}`);
  });
});

describe('the key-encryption key', () => {
  test('is replaced: the keys are wrapped again, and the old one is not needed any more', async () => {
    const card = await world.issue();
    const next = kek('next', world.keyEncryptionKeys.keys);
    await replica(next).prepare(undefined);
    const alone = replica({ current: 'next', keys: { next: next.keys['next']! } });
    await alone.prepare(undefined);
    const { fingerprint: keys } = await inTransaction((tx) => alone.read(tx));
    const print = fingerprint(keys, NUMBER_PURPOSE, card.number).value;
    const found = await inTransaction((tx) => cardStore(tx).findByFingerprint([print]));
    expect([...found.values()].map(({ cardId }) => cardId)).toEqual([card.cardId]);
    // A replica that has not read the new file yet continues with the keys that it knows.
    await turn(world.fieldKeys);
    expect(await areFound([card.number])).toEqual([true]);
  });

  test.each([
    ['absent', kek('other'), 'which is absent'],
    ['another one under the same id', kek('kek'), 'another key has this id'],
  ])('stops the start if it is %s, and is named', async (_name, wrong, message) => {
    await expect(replica(wrong).prepare(undefined)).rejects.toMatchObject({
      name: 'ConfigurationError',
      message: expect.stringMatching(
        new RegExp(
          `^KEY_ENCRYPTION_KEYS_FILE: the (encryption|fingerprint) key .* by the key-encryption key kek.*${message}`,
        ),
      ),
    });
  });

  test.each([
    ['id', `UPDATE data_key SET key_id = 'copied' WHERE purpose = 'encryption'`],
    [
      'purpose',
      `UPDATE data_key SET wrapped = (SELECT wrapped FROM data_key WHERE purpose = 'encryption') WHERE purpose = 'fingerprint'`,
    ],
  ])('does not unwrap a key that was copied to another %s', async (_name, copy) => {
    await world.pool.query(copy);
    await expect(replica().prepare(undefined)).rejects.toThrow(
      /^KEY_ENCRYPTION_KEYS_FILE: .*cannot be unwrapped/,
    );
  });
});

describe('the keys of the previous release', () => {
  const file = (): FieldKeys => ({
    encryption: { current: 'k2', keys: { k1: randomBytes(32), k2: randomBytes(32) } },
    fingerprint: { current: 'imported', keys: { imported: randomBytes(32) } },
  });
  /** Inserts a card as the previous release does. */
  const insertBefore = async (keys: FieldKeys, number: string): Promise<void> => {
    const { cardId } = await world.issue();
    const { encrypted, fingerprint: print } = vaultNumber(number, cardId, keys);
    await world.pool.query(
      `UPDATE card SET number_encrypted = $2, number_fingerprint = $3, number_fingerprint_key = DEFAULT WHERE card_id = $1`,
      [cardId, encrypted, print.value],
    );
  };
  const numbers = ['4111111111111111', '4000056655665556'];

  test('are imported by their ids, and its cards are found, also those that it inserts later', async () => {
    const keys = file();
    await insertBefore({ ...keys, encryption: { ...keys.encryption, current: 'k1' } }, numbers[0]!);
    await world.pool.query('TRUNCATE data_key');
    await replica().prepare(keys);
    expect((await keyIds()).stored).toEqual(['encryption/k1', 'encryption/k2', 'fingerprint/imported']);
    await insertBefore(keys, numbers[1]!);
    expect(await areFound(numbers)).toEqual([true, true]);
    await turn(replica());
    expect(await keyIds()).toEqual({
      stored: ['encryption/k2', 'fingerprint/imported'],
      encryption: ['k2'],
      fingerprint: ['imported'],
    });
    expect(await areFound(numbers)).toEqual([true, true]);
    nowMs += LIFE_MS;
    await turn(replica());
    expect((await keyIds()).fingerprint).not.toContain('imported');
    expect(await areFound(numbers)).toEqual([true, true]);
  });

  test('are imported once, also by two replicas that start together', async () => {
    await world.pool.query('TRUNCATE data_key');
    const keys = file();
    await Promise.all([replica().prepare(keys), replica().prepare(keys)]);
    const { stored } = await keyIds();
    await replica().prepare(file());
    expect((await keyIds()).stored).toEqual(stored);
  });

  test('are asked for by the name of their setting if cards need them', async () => {
    await world.issue();
    await world.pool.query('TRUNCATE data_key');
    await expect(replica().prepare(undefined)).rejects.toMatchObject({
      name: 'ConfigurationError',
      message: expect.stringMatching(/^FIELD_KEYS_FILE: is not set, but the card numbers are encrypted/),
    });
  });
});
