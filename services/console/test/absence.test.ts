import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { operations } from '@tallystick/contracts';
import { eventually } from '@tallystick/messaging/testing';
import { startBackingServices, startSystem, type BackingServices, type System } from '@tallystick/stack';
import { Browser, type Shown } from '@tallystick/pages/testing';
import { consoleOf, type RunningConsole } from './running-console.ts';

/** A client for Kafka notices within seconds that its broker is gone. */
const NOTICED_WITHIN_MS = 60_000;

let directory: string;
let backing: BackingServices;
let system: System;
let running: RunningConsole;
let browser: Browser;
let accountId: string;

// These tests end Kafka and Postgres, so they have their own.
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tallystick-absence-'));
  const env = { ...process.env, TALLYSTICK_BACKING: 'process' };
  backing = await startBackingServices({ directory, progress: () => {}, traces: 'sink', env });
  system = await startSystem(backing, { directory, progress: () => {}, console: true });
  running = consoleOf(system);
  browser = new Browser('everywhere');
  await running.signIn(browser);
  const customer = await running.customer();
  ({ accountId } = (await customer.call(operations.accountOpen, { body: { currency: 'EUR' } })).body);
  // The index has read something before its parts go away.
  await eventually(async () => (await open(`/payments/${accountId}`)).status === 200);
}, 180_000);
afterAll(async () => {
  await Promise.all(Object.values(system?.processes ?? {}).map((one) => one.stop()));
  await backing?.stop();
  rmSync(directory, { recursive: true, force: true });
}, 60_000);

const open = (path: string): Promise<Shown> => browser.open(running.url + path);

const pages = ['/catalogue', '/catalogue/messages/payment.create', '/policy', '/parties', `/accounts`];

describe('without Kafka', () => {
  beforeAll(() => backing.processes.kafka!.stop(), 60_000);

  test(
    'the overview names it within seconds, and shows live figures',
    async () => {
      const shown = await eventually(async () => {
        const found = await open('/');
        return found.body.includes('Kafka does not answer the console') && found;
      }, NOTICED_WITHIN_MS);
      expect(shown.status).toBe(200);
      expect(shown.body).toContain('<strong>account</strong>');
      expect(shown.body).not.toContain('Nothing needs attention');
    },
    NOTICED_WITHIN_MS,
  );

  test('what was indexed before is shown, and says that newer messages are missing', async () => {
    const shown = await open(`/payments/${accountId}`);
    expect([shown.status, shown.body]).toEqual([200, expect.stringContaining('newer messages are missing')]);
    expect(shown.body).toContain('account.opened');
  });

  test.each([...pages, '/quarantine', '/payments', '/audit'])('%s is shown', async (path) => {
    expect((await open(path)).status).toBe(200);
  });

  test('the chains of the audits are not verified, and the page says why', async () => {
    const page = await open('/audit/chains');
    const verified = await browser.submit(page, '/audit/chains');
    expect([verified.status, verified.body]).toEqual([503, expect.stringContaining('Kafka does not answer')]);
    expect(verified.headers.get('retry-after')).not.toBeNull();
    expect(verified.body).not.toContain('intact</span>');
  });
});

describe('without Postgres', () => {
  beforeAll(async () => {
    for (const path of pages) await open(path);
    await backing.processes.postgres!.stop();
  }, 60_000);

  test('the overview names it, and shows live figures', async () => {
    const shown = await open('/');
    expect([shown.status, shown.body]).toEqual([
      200,
      expect.stringContaining('Postgres does not answer the console'),
    ]);
    expect(shown.body).toContain('<strong>account</strong>');
  });

  test.each(['/catalogue', '/catalogue/operations/payment.create', '/policy'])(
    '%s is still shown to who was signed in',
    async (path) => {
      expect((await open(path)).status).toBe(200);
    },
  );

  test.each(['/catalogue/messages/payment.create', '/payments', '/parties'])(
    '%s names it, and shows the rest of the page',
    async (path) => {
      const shown = await open(path);
      expect([shown.status, shown.body]).toEqual([
        200,
        expect.stringContaining('Postgres does not answer the console'),
      ]);
    },
  );

  test.each(['/quarantine', '/payments/INVOICE-1'])('%s names it, and asks to come back', async (path) => {
    const shown = await open(path);
    expect([shown.status, shown.body]).toEqual([
      503,
      expect.stringContaining('Postgres does not answer the console'),
    ]);
    expect(shown.headers.get('retry-after')).not.toBeNull();
    // The way to the pages that work.
    expect(shown.body).toContain('href="/catalogue"');
  });

  test('a session that this process does not know cannot be looked up, and the page names Postgres', async () => {
    const shown = await fetch(`${running.url}/policy`, { headers: { cookie: 'console=unknown' } });
    expect([shown.status, await shown.text()]).toEqual([
      503,
      expect.stringContaining('Postgres does not answer the console'),
    ]);
    expect(shown.headers.get('retry-after')).not.toBeNull();
  });

  test('nobody can sign in, and the page asks to come back', async () => {
    // Auth has lost its database too.
    const shown = await new Browser('everywhere').open(running.url);
    expect([shown.status, shown.body]).toEqual([503, expect.stringContaining('does not answer')]);
    expect(shown.headers.get('retry-after')).not.toBeNull();
  });
});
