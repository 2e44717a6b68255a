import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { operations } from '@tallystick/contracts';
import { createPool } from '@tallystick/postgres';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { runConsole, type StartedConsole } from './running-console.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)</script>';

let running: StartedConsole;
let browser: Browser;
let page: Page;
let accountId: string;
/** What the browser complained about: a violated policy, a failed script, a missing file. */
const complaints: string[] = [];

beforeAll(async () => {
  running = await runConsole();
  const customer = await running.customer();
  ({ accountId } = (await customer.call(operations.accountOpen, { body: { currency: 'EUR' } })).body);
  browser = await chromium.launch({
    executablePath: String(process.env['TALLYSTICK_BROWSER']),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
  });
  page = await signedIn('Olivia');
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await running?.stop();
});

async function signedIn(name: string): Promise<Page> {
  const context: BrowserContext = await browser.newContext();
  const opened = await context.newPage();
  opened.on('console', (line) => {
    // A page with another status than 200 is one of the answers under test.
    if (line.type() === 'error' && !line.text().includes('the server responded with a status'))
      complaints.push(line.text());
  });
  opened.on('pageerror', (fault) => void complaints.push(fault.message));
  const { email, password } = running.operator(name);
  await opened.goto(running.url);
  await opened.fill('input[type=email]', email);
  await opened.fill('input[type=password]', password);
  await opened.keyboard.press('Enter');
  await opened.waitForURL(`${running.url}/`);
  return opened;
}

const paths: [string, () => string][] = [
  ['of parties', () => '/parties'],
  ['of a third party', () => '/parties/acme'],
  ['of a client', () => '/parties/demo-app'],
  ['of a customer', () => `/parties/${String(running.system.stackFile.customers[0]!['id'])}`],
  ['that enrols', () => '/parties/enrol'],
  ['of accounts', () => '/accounts'],
  ['of an account', () => `/accounts/${accountId}`],
  ['of the audit', () => '/audit'],
  ['of the chains', () => '/audit/chains'],
  ['of policy', () => '/policy'],
  ['that is missing', () => '/nowhere'],
];
const looks = [
  ['desktop', 'light', 1_360],
  ['desktop', 'dark', 1_360],
  ['phone', 'light', 390],
  ['phone', 'dark', 390],
] as const;

describe.each(paths)('the page %s', (_name, path) => {
  test.each(looks)(
    'has no fault of accessibility on a %s in %s, and does not scroll sideways',
    async (...look) => {
      const [, colorScheme, width] = look;
      await page.setViewportSize({ width, height: 844 });
      await page.emulateMedia({ colorScheme });
      await page.goto(running.url + path());
      await page.evaluate(axe);
      const found = await page.evaluate(
        'axe.run().then(({ violations }) => violations.map(({ id, impact, nodes }) => `${impact} ${id} ${nodes[0].html}`))',
      );
      expect(found).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      expect(complaints).toEqual([]);
    },
  );
});

describe('the keyboard alone', () => {
  test('skips to the content, and reaches a page by the navigation', async () => {
    await page.setViewportSize({ width: 1_360, height: 844 });
    await page.goto(running.url);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('location.hash')).toBe('#main');
    await page.getByRole('link', { name: 'Accounts', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(`${running.url}/accounts`);
  });

  test('freezes an account: opens the act, gives the reason, and sends it', async () => {
    await page.goto(`${running.url}/accounts/${accountId}`);
    await page.getByText('Freeze this account').focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('Reason').focus();
    await page.keyboard.type('reported stolen');
    await page.keyboard.press('Enter');
    await page.getByText('The account is frozen').waitFor();
    expect(await page.getByText('reported stolen').count()).toBe(1);
  });
});

describe('hostile content', () => {
  test('is shown as text in the reason of an act, and in what was searched for', async () => {
    await page.goto(`${running.url}/accounts/${accountId}`);
    await page.getByText('Unfreeze this account').click();
    await page.getByLabel('Reason').fill(HOSTILE);
    await page.getByRole('button', { name: 'Unfreeze' }).click();
    await page.getByText(HOSTILE).waitFor();
    await page.fill('#find', HOSTILE);
    await page.press('#find', 'Enter');
    await page.getByText('Nothing has this id').first().waitFor();
    expect(await page.locator('main img').count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});

describe('an operator', () => {
  test('without the role sees which one is needed', async () => {
    const theo = await signedIn('Theo');
    await theo.goto(`${running.url}/parties/enrol`);
    await theo.getByText('This page needs another role').first().waitFor();
    expect(await theo.locator('main strong').innerText()).toBe('registrar');
    await theo.context().close();
  });

  test('whose session ended signs in again and comes back to the same page', async () => {
    const tessa = await signedIn('Tessa');
    const pool = createPool({ url: running.system.stackFile.postgres.console!, applicationName: 'test' });
    await pool.query(`UPDATE session SET used_at = now() - interval '31 minutes' WHERE operator_id = $1`, [
      running.operator('Tessa').id,
    ]);
    await pool.end();
    const path = '/audit?service=auth&action=auth.sign_in';
    await tessa.goto(running.url + path);
    // Auth still knows the person in this browser, so no password is asked for.
    await tessa.waitForURL(running.url + path);
    expect(await tessa.getByRole('heading', { level: 1 }).innerText()).toBe('Audit');
    await tessa.context().close();
  });

  test('sees which service is away, and what the others know', async () => {
    const { card } = running.system.processes;
    await card.stop();
    try {
      await page.goto(`${running.url}/audit`);
      await page.getByText('The service card does not answer').first().waitFor();
      expect(await page.locator('main tbody tr').count()).toBeGreaterThan(0);
    } finally {
      await card.restart();
    }
  }, 60_000);
});
