import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { onDatabase } from '@tallystick/load';
import { accountsThatDoNotAddUp } from '../src/accounts-that-do-not-add-up.ts';

const admin = process.env['TEST_POSTGRES_URL'];
if (admin === undefined) throw new Error('TEST_POSTGRES_URL is not set; run the tests by `npm test`');
const name = `t_${randomBytes(6).toString('hex')}`;
const url = Object.assign(new URL(admin), { pathname: `/${name}` }).href;
const migrations = new URL('../../../services/account/src/store/migrations/', import.meta.url);

const run = (statement: string) => onDatabase(url, (query) => query(statement));
const objections = () => onDatabase(url, accountsThatDoNotAddUp);

beforeAll(async () => {
  await onDatabase(admin, (query) => query(`CREATE DATABASE ${name}`));
  for (const file of readdirSync(migrations).toSorted())
    await run(readFileSync(new URL(file, migrations), 'utf8'));
});
afterAll(() => onDatabase(admin, (query) => query(`DROP DATABASE ${name} WITH (FORCE)`)));

/** Two accounts: the first has received 70, of which 30 are held. */
beforeEach(() =>
  run(`
    TRUNCATE account, hold, journal_line CASCADE;
    INSERT INTO account (account_id, owner_id, kind, currency, floor_minor, posted_minor, pending_minor, opened_at)
    VALUES ('acc_1', 'ann', 'customer', 'EUR', 0, 70, 30, now()), ('acc_2', 'bo', 'external', 'EUR', NULL, -70, 0, now());
    INSERT INTO journal_line (account_id, sequence, entry_id, amount_minor, currency, balance_minor, posted_at)
    VALUES ('acc_1', 1, 'trf_1', 70, 'EUR', 70, now()), ('acc_2', 1, 'trf_1', -70, 'EUR', -70, now());
    INSERT INTO hold (hold_id, debit_account_id, credit_account_id, amount_minor, posted_minor, currency, payment_id,
                      status, expires_at, evidence_kind, evidence_iss, evidence_jti, placed_at)
    VALUES ('hld_1', 'acc_1', 'acc_2', 50, 20, 'EUR', 'pay_1', 'open', now(), 'order', 'acme', '1', now()),
           ('hld_2', 'acc_1', 'acc_2', 9, 0, 'EUR', 'pay_2', 'voided', now(), 'order', 'acme', '2', now());
  `),
);

describe('the sums of accounts', () => {
  test('have no objections if they are right', async () => {
    expect(await objections()).toEqual([]);
  });

  test.each([
    [
      'money without a line',
      `UPDATE account SET posted_minor = 71 WHERE account_id = 'acc_1'`,
      ['acc_1: 30 reserved but holds sum to 30; posted 71 but lines sum to 70'],
    ],
    [
      'a lost line',
      `DELETE FROM journal_line WHERE account_id = 'acc_2'`,
      ['acc_2: 0 reserved but holds sum to 0; posted -70 but lines sum to 0'],
    ],
    [
      'a forgotten hold',
      `UPDATE hold SET status = 'expired' WHERE hold_id = 'hld_1'`,
      ['acc_1: 30 reserved but holds sum to 0; posted 70 but lines sum to 70'],
    ],
  ])('show %s', async (_what, statement, expected) => {
    await run(statement);
    expect(await objections()).toEqual(expected);
  });

  test('report an account below its minimum balance', async () => {
    await run(
      `ALTER TABLE account DROP CONSTRAINT account_floor; UPDATE account SET floor_minor = 50 WHERE account_id = 'acc_1'`,
    );
    expect(await objections()).toEqual(['acc_1 has 40 available, below its minimum balance of 50']);
  });
});
