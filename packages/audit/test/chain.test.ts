import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AUDIT_DONE } from '@tallystick/contracts';
import { transaction, type Pool } from '@tallystick/postgres';
import { openTestDatabase } from '@tallystick/postgres/testing';
import * as fc from 'fast-check';
import {
  auditMigrations,
  auditOf,
  CHAIN_START,
  contentOf,
  EMPTY_CHAIN,
  followChain,
  hashOf,
  listEntries,
  restoreEntries,
  tellAudit,
  verifyChain,
  type Decision,
  type LinkedEntry,
  type ToldEntry,
} from '../src/index.ts';

const decision = (changes: Partial<Decision> = {}): Decision => ({
  atMs: Date.UTC(2026, 10, 29),
  actor: 'support-client',
  clientId: 'support-client',
  action: 'account.freeze',
  object: 'acc_01890a5d-ac96-774b-bcce-b302099a8057',
  outcome: AUDIT_DONE,
  ...changes,
});

const nothingTold = new Map<number, string>();

let pool: Pool;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ pool, close } = await openTestDatabase(auditMigrations));
});
afterAll(async () => {
  await close();
});

const chainOf = async (db: Pool): Promise<LinkedEntry[]> =>
  (await listEntries(db, {}, { before: undefined, limit: 1_000 })).toReversed();

describe('the canonical form of an entry (RFC 8785)', () => {
  test('sorts its members, has no white space, and leaves out what is absent', () => {
    expect(
      contentOf({
        outcome: 'done',
        entryId: 'aud_01890a5d-ac96-774b-bcce-b302099a8057',
        occurredAt: '2026-11-29T00:00:00.000Z',
        actor: 'usr_é',
        action: 'auth.sign_in',
        object: undefined,
      }),
    ).toBe(
      '{"action":"auth.sign_in","actor":"usr_é","entryId":"aud_01890a5d-ac96-774b-bcce-b302099a8057","occurredAt":"2026-11-29T00:00:00.000Z","outcome":"done"}',
    );
  });
});

describe('the chain in the database', () => {
  test('links concurrent decisions without a gap, and the database computes the same hashes as this code', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        transaction(pool, async (tx) => {
          tx.write(auditOf([decision({ object: `a${at}` }), decision({ object: `b${at}` })]));
        }),
      ),
    );
    expect(await verifyChain(pool, nothingTold)).toMatchObject({ seq: 40 });
    let hash = CHAIN_START;
    for (const entry of await chainOf(pool)) {
      hash = hashOf(hash, entry.content);
      expect(entry.hash.equals(hash)).toBe(true);
    }
  });

  test('has no entry of a decision that was rolled back', async () => {
    const before = await chainOf(pool);
    await expect(
      transaction(pool, async (tx) => {
        await tx.query(auditOf([decision()]));
        throw new Error('refused later');
      }),
    ).rejects.toThrow('refused later');
    expect(await chainOf(pool)).toEqual(before);
  });

  test('lists by actor, object and action, newest first, page by page', async () => {
    await pool.query(
      auditOf(['x1', 'x2', 'x3'].map((object) => decision({ actor: 'usr_lists', action: 'x', object }))),
    );
    const filter = { actor: 'usr_lists', action: 'x' };
    const first = await listEntries(pool, filter, { before: undefined, limit: 2 });
    expect(first.map(({ content }) => (JSON.parse(content) as { object: string }).object)).toEqual([
      'x3',
      'x2',
    ]);
    const second = await listEntries(pool, filter, { before: first[1]!.seq, limit: 2 });
    expect(second).toHaveLength(1);
    expect(
      await listEntries(pool, { ...filter, object: 'x2' }, { before: undefined, limit: 9 }),
    ).toHaveLength(1);
  });
});

describe('verification names the first entry that does not fit', () => {
  /** Each forgery is done by the owner of the database, whom no right stops. */
  const forgeries: [string, string, { seq: number; fault: string }][] = [
    [
      'a changed entry',
      `UPDATE audit_entry SET content = replace(content, 'done', 'lost') WHERE entry_id = (SELECT entry_id FROM audit_link WHERE seq = 2)`,
      { seq: 2, fault: 'changed' },
    ],
    [
      'a deleted entry',
      `WITH gone AS (DELETE FROM audit_link WHERE seq = 2 RETURNING entry_id)
       DELETE FROM audit_entry WHERE entry_id = (SELECT entry_id FROM gone)`,
      { seq: 2, fault: 'missing' },
    ],
    [
      'an entry past the trigger',
      `INSERT INTO audit_entry (entry_id, content) VALUES ('forged', '{"actor":"a","action":"b"}')`,
      { seq: 4, fault: 'not_linked' },
    ],
    [
      'a chain that was computed anew after a change',
      `UPDATE audit_entry SET content = replace(content, 'done', 'lost');
       UPDATE audit_link SET hash = sha256(decode(repeat('00', 32), 'hex') || convert_to(content, 'UTF8'))
       FROM audit_entry e WHERE seq = 1 AND e.entry_id = audit_link.entry_id;
       UPDATE audit_link SET hash = sha256((SELECT hash FROM audit_link WHERE seq = 1) || convert_to(content, 'UTF8'))
       FROM audit_entry e WHERE seq = 2 AND e.entry_id = audit_link.entry_id;
       UPDATE audit_link SET hash = sha256((SELECT hash FROM audit_link WHERE seq = 2) || convert_to(content, 'UTF8'))
       FROM audit_entry e WHERE seq = 3 AND e.entry_id = audit_link.entry_id`,
      { seq: 1, fault: 'not_as_told' },
    ],
    [
      'a chain without its end',
      `WITH gone AS (DELETE FROM audit_link WHERE seq = 3 RETURNING entry_id)
       DELETE FROM audit_entry WHERE entry_id = (SELECT entry_id FROM gone)`,
      { seq: 3, fault: 'missing' },
    ],
  ];

  test.each(forgeries)('%s', async (_name, sql, fault) => {
    const database = await openTestDatabase(auditMigrations);
    try {
      await database.pool.query(auditOf([decision(), decision(), decision()]));
      const told = new Map(
        (await chainOf(database.pool)).map(({ seq, hash }) => [seq, hash.toString('hex')]),
      );
      expect(await verifyChain(database.pool, told)).toMatchObject({ seq: 3 });
      await database.pool.query(`ALTER TABLE audit_link DROP CONSTRAINT audit_link_entry_id_fkey;
        ALTER TABLE audit_entry DISABLE TRIGGER USER; ${sql}`);
      expect(await verifyChain(database.pool, told)).toMatchObject(fault);
    } finally {
      await database.close();
    }
  });

  test('for any chain and any change of one entry', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string(), { minLength: 1, maxLength: 20 }),
        fc.nat(),
        fc.string(),
        (contents, at, other) => {
          let hash = CHAIN_START;
          const chain = contents.map((content, index): LinkedEntry => {
            hash = hashOf(hash, content);
            return { seq: index + 1, hash, entryId: `e${index}`, content };
          });
          expect(followChain(EMPTY_CHAIN, chain, nothingTold)).toEqual({ seq: chain.length, hash });
          const changed = at % chain.length;
          fc.pre(chain[changed]!.content !== other);
          const forged = chain.with(changed, { ...chain[changed]!, content: other });
          expect(followChain(EMPTY_CHAIN, forged, nothingTold)).toMatchObject({
            seq: changed + 1,
            fault: 'changed',
          });
        },
      ),
    );
  });
});

test('entries are told in their order, and a restored database continues the chain as it was told', async () => {
  const [first, restored] = await Promise.all([
    openTestDatabase(auditMigrations),
    openTestDatabase(auditMigrations),
  ]);
  try {
    await first.pool.query(auditOf([decision({ object: 'one' }), decision({ object: 'two' })]));
    const told: ToldEntry[] = [];
    let isToldTwo: () => void;
    const two = new Promise<void>((resolve) => (isToldTwo = resolve));
    const telling = tellAudit({
      pool: first.pool,
      transact: (work) =>
        transaction(first.pool, (tx) =>
          work(tx, (entry) => {
            told.push(entry);
            if (told.length === 2) isToldTwo();
          }),
        ),
      onFailure: (error) => {
        throw error;
      },
    });
    await two;
    await telling.stop();
    expect(told.map(({ seq, object }) => [seq, object])).toEqual([
      [1, 'one'],
      [2, 'two'],
    ]);

    await transaction(restored.pool, (tx) => restoreEntries(tx, told.toReversed()));
    await transaction(restored.pool, (tx) => restoreEntries(tx, told));
    expect(await chainOf(restored.pool)).toEqual(await chainOf(first.pool));
  } finally {
    await Promise.all([first.close(), restored.close()]);
  }
});
