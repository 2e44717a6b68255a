import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { clientNetwork } from '@tallystick/http';
import { createPool, type Pool } from '@tallystick/postgres';
import { ADDRESS_LOCK_OUT } from '../src/domain/guessing-limits.ts';
import { createSignInAttempts } from '../src/store/sign-in-attempts.ts';
import { newSigningKey, runAuth, type RunningAuth } from './auth-service.ts';
import { Browser } from '@tallystick/pages/testing';
import { WalletClient } from './client.ts';

let auth: RunningAuth;
let pool: Pool;
let client: WalletClient;
let names = 0;

beforeAll(async () => {
  // On every address of this machine, IPv6 and IPv4; the ingress is on its IPv4 loopback addresses.
  auth = await runAuth({ LISTEN_HOST: '::', TRUSTED_PROXIES: '127.0.0.0/8' }, '[::1]');
  pool = createPool({ url: auth.postgresUrl, applicationName: 'test' });
  client = new WalletClient(auth.url, await newSigningKey());
});
afterAll(async () => {
  await pool.end();
  await auth.stop();
});

/** Guesses the password of another unknown name, so that only the limit of addresses counts. */
async function guess(from: { origin?: string; forwardedFor?: string } = {}): Promise<number> {
  names += 1;
  const { origin = auth.url, forwardedFor } = from;
  const browser = new Browser();
  const signIn = await browser.open(client.authorizeUrl());
  const form = { ...signIn, url: new URL(signIn.url.pathname, origin) };
  const headers = {
    origin: auth.url,
    ...(forwardedFor !== undefined && { 'x-forwarded-for': forwardedFor }),
  };
  const fields = { email: `nobody-${names}@example.com`, password: 'wrong' };
  return (await browser.submit(form, signIn.url.pathname, fields, headers)).status;
}

/** Counts guesses of an address until the next one is the last that is allowed. */
async function guessUntilLast(address: string, guessed: number): Promise<void> {
  const attempts = createSignInAttempts(pool);
  for (let at = guessed; at < ADDRESS_LOCK_OUT.failures - 1; at += 1)
    await attempts.begin({ kind: 'name', id: `${address} ${at}` }, clientNetwork(address));
}

/** The address of auth by IPv4, where the trusted proxy is. */
const byIpv4 = (): string => `http://127.0.0.1:${new URL(auth.url).port}`;

describe('guesses over a connection by IPv6', () => {
  test('lock the network of their address, and not the IPv4 address of the same machine', async () => {
    expect(await guess()).toBe(422);
    await guessUntilLast('::1', 1);
    expect(await guess()).toBe(422);
    expect(await guess()).toBe(429);
    expect(await guess({ origin: byIpv4() })).toBe(422);
  });

  test('cannot choose their address, because no trusted proxy sent them', async () => {
    expect(await guess({ forwardedFor: '2001:db8:9:9::1' })).toBe(429);
  });
});

describe('guesses of IPv6 addresses behind a trusted proxy', () => {
  const from = (forwardedFor: string): Promise<number> => guess({ origin: byIpv4(), forwardedFor });

  test('count for their /64 together, and leave other networks alone', async () => {
    expect(await from('2001:db8:1:2::1')).toBe(422);
    expect(await from('2001:DB8:1:2:ffff::2')).toBe(422);
    await guessUntilLast('2001:db8:1:2:3:4:5:6', 2);
    expect(await from('2001:db8:1:2:a:b:c:d')).toBe(422);
    for (const address of ['2001:db8:1:2::1', '2001:db8:1:2::7', '2001:0db8:0001:0002::8'])
      expect(await from(address)).toBe(429);
    expect(await from('2001:db8:1:3::1')).toBe(422);
  });

  test('count for the IPv4 address that they map', async () => {
    await guessUntilLast('203.0.113.7', 0);
    expect(await from('::ffff:203.0.113.7')).toBe(422);
    expect(await from('203.0.113.7')).toBe(429);
  });
});
