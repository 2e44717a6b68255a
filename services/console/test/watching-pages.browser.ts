import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId, operations } from '@tallystick/contracts';
import type { Publisher } from '@tallystick/messaging';
import { eventually } from '@tallystick/messaging/testing';
import { createPool, type Pool } from '@tallystick/postgres';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { runConsole, type StartedConsole } from './running-console.ts';
import { connectPublisher, sendOrder } from './third-party.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** A folder for a picture of each page; none by default. */
const pictures = process.env['TALLYSTICK_PICTURES'];
const HOSTILE = `<script>document.title='run'</script><img src=x onerror="document.title='run'">`;
const LIVE_TIMEOUT_MS = 20_000;

let running: StartedConsole;
let publisher: Publisher;
let pool: Pool;
let browser: Browser;
let paymentId: string;
let paidOverHttp: string;
const complaints: string[] = [];

beforeAll(async () => {
  running = await runConsole();
  const { postgres } = running.system.stackFile;
  publisher = await connectPublisher(running.system);
  pool = createPool({ url: postgres.console!, applicationName: 'test' });
  browser = await chromium.launch({
    executablePath: String(process.env['TALLYSTICK_BROWSER']),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
  });
  paymentId = await sendOrder(running.system, publisher);
  await sendOrder(running.system, publisher, { key: HOSTILE });
  paidOverHttp = await payOverHttp();
  await eventually(async () => {
    const { rows } = await pool.query<{ n: number }>('SELECT count(*)::int AS n FROM quarantined_record');
    return rows[0]!.n > 0;
  });
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await publisher?.disconnect();
  await pool?.end();
  await running?.stop();
});

/** Orders a payment as a customer whose account is empty. @returns the payment */
async function payOverHttp(): Promise<string> {
  const customer = await running.customer();
  const { body: account } = await customer.call(operations.accountOpen, { body: { currency: 'EUR' } });
  const { body: payment } = await customer.call(operations.createPayment, {
    body: {
      source: { kind: 'account', accountId: account.accountId },
      payee: { kind: 'account', accountId: newId('acc') },
      amountMinor: 1_250n,
      currency: 'EUR',
      capture: 'automatic',
      capturedBy: 'payee',
      endToEndId: 'ORDER-1',
    },
  });
  await eventually(async () => {
    const { rows } = await pool.query(
      'SELECT FROM indexed_record WHERE evidence IS NOT NULL AND record_key IS NOT NULL AND facts->>$1 = $2',
      ['paymentId', payment.paymentId],
    );
    return rows.length > 0;
  });
  return payment.paymentId;
}

async function signedIn(
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on('console', (line) => {
    if (line.type() === 'error') complaints.push(`${page.url()}: ${line.text()}`);
  });
  page.on('pageerror', (fault) => void complaints.push(fault.message));
  await page.goto(running.url);
  await signIn(page);
  await page.waitForURL(`${running.url}/`);
  return { context, page };
}

async function signIn(page: Page): Promise<void> {
  const { email, password } = running.operator('Olivia');
  await page.fill('input[type=email]', email);
  await page.fill('input[type=password]', password);
  await page.click('button[type=submit]');
}

/** The first link of a page with such an address. */
async function linkOn(page: Page, path: string, start: string): Promise<string> {
  await page.goto(running.url + path);
  return String(await page.locator(`main a[href^="${start}"]`).first().getAttribute('href'));
}

const views = [
  ['phone', 'light', { width: 390, height: 844 }],
  ['phone', 'dark', { width: 390, height: 844 }],
  ['desktop', 'light', { width: 1440, height: 900 }],
  ['desktop', 'dark', { width: 1440, height: 900 }],
] as const;

describe('every page', () => {
  test.each(views)(
    'on a %s, %s: is accessible, fits, and violates no policy',
    async (name, colorScheme, viewport) => {
      const { context, page } = await signedIn({ viewport, colorScheme });
      const group = await linkOn(page, '/quarantine', '/quarantine/groups/');
      const record = await linkOn(page, group, '/quarantine/records/');
      const paths = {
        overview: '/',
        catalogue: '/catalogue',
        messages: '/catalogue?kind=messages',
        operation: '/catalogue/operations/payment.create',
        message: '/catalogue/messages/payment.create',
        topic: '/catalogue/topics/payment.commands.v1',
        payments: '/payments',
        payment: `/payments/${paymentId}`,
        request: `/payments/${paidOverHttp}`,
        chains: '/audit/chains?service=card&before=1001&newest=3000',
        quarantine: '/quarantine',
        group,
        record,
      };
      for (const [title, path] of Object.entries(paths)) {
        await page.goto(running.url + path);
        await page.evaluate(axe);
        const violations = await page.evaluate(async () => {
          const found = await (
            globalThis as unknown as {
              axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
            }
          ).axe.run();
          return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
        });
        expect([path, violations]).toEqual([path, []]);
        const isWide = await page.evaluate(() => {
          const { document: shown, innerWidth } = globalThis as unknown as {
            document: { documentElement: { scrollWidth: number } };
            innerWidth: number;
          };
          return shown.documentElement.scrollWidth > innerWidth;
        });
        expect([path, isWide]).toEqual([path, false]);
        expect(await page.title()).not.toBe('run');
        if (pictures === undefined) continue;
        await mkdir(pictures, { recursive: true });
        const file = join(pictures, `${title}-${name}-${colorScheme}.png`);
        await page.screenshot({ path: file, fullPage: title === 'request' });
      }
      expect(complaints).toEqual([]);
      await context.close();
    },
    120_000,
  );
});

test('the overview stays current without being loaded again', async () => {
  const { context, page } = await signedIn();
  const waiting = page.locator('.figure', { hasText: 'Quarantine' }).locator('dd a');
  const before = Number(await waiting.innerText());
  await sendOrder(running.system, publisher, { key: newId('pay') });
  await page.waitForFunction(
    (shown) => {
      const { document: at } = globalThis as unknown as {
        document: { querySelector(of: string): { textContent: string } | null };
      };
      return Number(at.querySelector('.figure a[href="/quarantine"]')?.textContent) > shown;
    },
    before,
    { timeout: LIVE_TIMEOUT_MS },
  );
  expect(Number(await waiting.innerText())).toBeGreaterThan(before);
  await context.close();
});

test('a group is tried and then released by keyboard alone', async () => {
  const { context, page } = await signedIn();
  await page.goto(running.url + (await linkOn(page, '/quarantine', '/quarantine/groups/')));
  /** Presses Tab until the element with these words, or the field of this name, has the focus. */
  const tabTo = (wanted: string): Promise<true> =>
    eventually(async () => {
      await page.keyboard.press('Tab');
      const focused = await page.evaluate(() => {
        const { document: at } = globalThis as unknown as {
          document: { activeElement: { textContent: string; name?: string } };
        };
        return [at.activeElement.textContent.trim(), at.activeElement.name];
      });
      return focused.includes(wanted);
    });
  await tabTo('Skip to the content');
  await page.keyboard.press('Enter');
  await tabTo('Dry run');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/quarantine\/jobs\/job_/);
  await page.getByText('Would be refused again').first().waitFor();

  await page.goBack();
  await tabTo('reason');
  await page.keyboard.type('the sender asked for it');
  await tabTo('Release');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/quarantine\/jobs\/job_/);
  await page.getByText('the sender asked for it').waitFor();
  await page.locator('main tbody').getByText('Released').first().waitFor();
  expect(await page.getByRole('heading', { level: 1 }).innerText()).toMatch(/^Release of/);
  await context.close();
}, 60_000);

test('a session that ended leads to the sign-in and back to the page', async () => {
  const { context, page } = await signedIn();
  await pool.query('DELETE FROM session');
  // The session at auth has ended too.
  await context.clearCookies({ domain: '127.0.0.1', name: /^(?!console)/ });
  await page.goto(`${running.url}/payments/${paymentId}`);
  expect(new URL(page.url()).origin).toBe(running.system.stackFile.services.auth);
  await signIn(page);
  await page.waitForURL(`${running.url}/payments/${paymentId}`);
  expect(await page.getByRole('heading', { name: 'Payment', exact: true }).count()).toBe(1);
  await context.close();
});

test('a service that is away is named, and the rest of the page stays', async () => {
  const { context, page } = await signedIn();
  await running.system.processes.account.stop();
  await page.goto(`${running.url}/payments/${paymentId}`);
  await page.getByText('The service account does not answer').waitFor();
  expect(await page.getByText('signed by').count()).toBeGreaterThan(0);
  await page.goto(running.url);
  await page.getByText('account: no process answers').waitFor({ timeout: LIVE_TIMEOUT_MS });
  await context.close();
}, 60_000);
