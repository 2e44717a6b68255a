import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { entryIn, listEntries } from '@tallystick/audit';
import type { AuditEntry } from '@tallystick/contracts';
import { createPool, type Pool } from '@tallystick/postgres';
import { ACCOUNT_SLOW_DOWN, ADDRESS_LOCK_OUT } from '../src/domain/guessing-limits.ts';
import { createSignInAttempts } from '../src/store/sign-in-attempts.ts';
import { dan, newSigningKey, runAuth, type RunningAuth } from './auth-service.ts';
import { WalletClient } from './client.ts';

let auth: RunningAuth;
let pool: Pool;
let key: Awaited<ReturnType<typeof newSigningKey>>;

beforeAll(async () => {
  auth = await runAuth();
  pool = createPool({ url: auth.postgresUrl, applicationName: 'test' });
  key = await newSigningKey();
});
afterAll(async () => {
  await pool.end();
  await auth.stop();
});

/** Ends the window of every counter, as its time does. */
const forgetGuesses = (): Promise<unknown> => pool.query('DELETE FROM sign_in_attempt');
beforeEach(forgetGuesses);

async function guess(email: string): Promise<void> {
  await expect(new WalletClient(auth.url, key, { email, password: 'wrong' }).code()).rejects.toThrow();
}

async function limits(): Promise<AuditEntry[]> {
  const filter = { action: 'auth.sign_in.throttle' };
  const entries = await listEntries(pool, filter, { before: undefined, limit: 100 });
  return entries.map(({ content }) => entryIn(content));
}

describe('a limit of sign-ins', () => {
  test('is audited once as it begins to hold, with the customer and the network, however many guesses follow', async () => {
    const before = await limits();
    for (let at = 0; at < ACCOUNT_SLOW_DOWN.failures; at += 1) await guess(dan.email);
    expect(await limits()).toEqual(before);
    await Promise.all(Array.from({ length: 8 }, () => guess(dan.email)));
    for (let at = 0; at < 3; at += 1) await guess(dan.email);
    const [entry, ...others] = await limits();
    expect(entry).toMatchObject({ actor: dan.id, object: '127.0.0.1', outcome: 'sign_in.paused' });
    expect(others).toEqual(before);
  });

  test('is audited again in its next window', async () => {
    for (let window = 0; window < 2; window += 1) {
      const before = (await limits()).length;
      await forgetGuesses();
      for (let at = 0; at <= ACCOUNT_SLOW_DOWN.failures; at += 1) await guess(dan.email);
      expect(await limits()).toHaveLength(before + 1);
    }
  });

  test('of unknown names is audited once for a network, without a name, however many are made up', async () => {
    const before = await limits();
    for (const name of ['nobody', 'somebody', 'anybody'])
      for (let at = 0; at <= ACCOUNT_SLOW_DOWN.failures; at += 1) await guess(`${name}@example.com`);
    const [entry, ...others] = await limits();
    expect(entry).toMatchObject({ actor: 'nobody', object: '127.0.0.1', outcome: 'sign_in.paused' });
    expect(others).toEqual(before);
    expect(JSON.stringify(await limits())).not.toContain('@');
  });

  test('of a network is audited', async () => {
    const attempts = createSignInAttempts(pool);
    for (let at = 0; at < ADDRESS_LOCK_OUT.failures; at += 1)
      await attempts.begin({ kind: 'name', id: `name ${at}` }, '127.0.0.1');
    await guess('somebody@example.com');
    await guess('somebody.else@example.com');
    const [entry, ...others] = await limits();
    expect(entry).toMatchObject({ actor: 'nobody', object: '127.0.0.1', outcome: 'sign_in.network_locked' });
    expect(others.filter(({ outcome }) => outcome === 'sign_in.network_locked')).toEqual([]);
  });
});
