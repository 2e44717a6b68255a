import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { OAuthClient } from '@tallystick/client';
import { createKafka, KeyFollower } from '@tallystick/messaging';
import { createPool, type Pool } from '@tallystick/postgres';
import { Keyring, loadTrustAnchors } from '@tallystick/security';
import { CONSOLE_CLIENT, kafkaOf } from '@tallystick/stack';
import { createLogger } from '@tallystick/telemetry';
import { Sessions } from '../src/app/sessions.ts';
import { Browser } from '@tallystick/pages/testing';
import { runConsole, type StartedConsole } from './running-console.ts';

const NEARLY_ENDED_MS = 9.5 * 60_000;

let running: StartedConsole;
let pool: Pool;
let follower: KeyFollower;
let sessions: Sessions;
let aheadMs = 0;
beforeAll(async () => {
  running = await runConsole();
  const stack = running.system.stackFile;
  pool = createPool({ url: stack.postgres.console!, applicationName: 'test' });
  const logger = createLogger({ service: 'test', level: 'silent', confidentialFields: [] });
  const keyring = await Keyring.create({ trustAnchors: await loadTrustAnchors(stack.trustAnchors) });
  follower = new KeyFollower({
    kafka: createKafka({ ...kafkaOf(stack), clientId: 'test', logger }),
    keyring,
    service: 'test',
    topicPrefix: stack.kafka.topicPrefix ?? '',
    logger,
    store: async () => {},
  });
  await follower.start();
  await follower.awaitSnapshot();
  const { privateJwk } = stack.clients.find(({ client_id: id }) => id === CONSOLE_CLIENT)!;
  const oauth = await OAuthClient.discover({
    issuer: stack.services.auth,
    clientId: CONSOLE_CLIENT,
    privateJwk: JSON.parse(readFileSync(privateJwk!, 'utf8')) as object,
  });
  sessions = new Sessions({
    pool,
    keyring,
    issuer: stack.services.auth,
    clientId: CONSOLE_CLIENT,
    oauth: async () => oauth,
    redirectUri: `${running.url}/sign-in/callback`,
    keys: () => ({ current: 'test', keys }),
    nowMs: () => Date.now() + aheadMs,
  });
}, 120_000);
afterAll(async () => {
  await follower?.stop();
  await pool?.end();
  await running?.stop();
});
const keys = { test: randomBytes(32) };

/** Signs an operator in. @returns the id of the session */
async function begun(): Promise<string> {
  const { id, url } = await sessions.begin('/audit');
  const { email, password } = running.operator('Olivia');
  const browser = new Browser('everywhere');
  const page = await browser.open(url);
  // The console itself did not begin this sign-in, so it leaves the code in the address unused.
  const { url: callback } = await browser.submit(page, page.url.pathname, { email, password });
  const ended = await sessions.end(id, callback.href);
  expect(ended!.returnTo).toBe('/audit');
  return ended!.id;
}

describe('a session', () => {
  test('has its tokens refreshed before they end, and goes on although requests come together', async () => {
    const id = await begun();
    const first = await sessions.find(id, true);
    expect(first).toMatchObject({ operatorId: running.operator('Olivia').id, name: 'Olivia' });
    aheadMs = NEARLY_ENDED_MS;
    const [second, third] = await Promise.all([sessions.find(id, true), sessions.find(id, true)]);
    aheadMs = 0;
    const shown = [second, third].map((one) => one?.accessToken);
    // A boolean, because a failed comparison would print tokens.
    expect(shown.every((token) => token !== undefined && token !== first!.accessToken)).toBe(true);
    expect(shown.includes((await sessions.find(id, true))?.accessToken)).toBe(true);
  });

  test.each([
    ['half an hour without a request', 'used_at', '31 minutes'],
    ['eight hours, however it is used', 'created_at', '481 minutes'],
  ])('ends after %s', async (_when, column, ago) => {
    const id = await begun();
    await pool.query(`UPDATE session SET ${column} = now() - $1::interval`, [ago]);
    expect(await sessions.find(id, true)).toBeUndefined();
  });

  test('works neither with another id nor a second time from one sign-in', async () => {
    expect(await sessions.find('another', true)).toBeUndefined();
    expect(await sessions.end('another', `${running.url}/sign-in/callback?code=1`)).toBeUndefined();
  });
});
