import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { documentFragments, messages, newJti, operations } from '@tallystick/contracts';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';

import { startWholeSystem, type RunningSystem } from './system.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let running: RunningSystem;
let browser: Browser;
let page: Page;
/** What the browser complained about: a violated policy, a failed script, a missing file. */
const complaints: string[] = [];
beforeAll(async () => {
  running = await startWholeSystem();
  browser = await chromium.launch({
    executablePath: String(process.env['TALLYSTICK_BROWSER']),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
  });
  page = await browser.newPage();
  page.on('console', (line) => {
    if (line.type() === 'error') complaints.push(line.text());
  });
  page.on('pageerror', (fault) => void complaints.push(fault.message));
}, 120_000);
afterAll(async () => {
  await browser.close();
  await running.stop();
});

const operationsOf = (shown: Page): Locator => shown.locator('.opblock');

/** An operation on the page, by its id in contracts. */
const operationOf = (id: string): Locator =>
  page.locator(`[id="operations-payment-${id.replaceAll('.', '\\\\.')}"]`);

/** Sends the request of an operation. @returns status and body of the answer */
async function tryOut(id: string, fill: (operation: Locator) => Promise<void> = async () => {}) {
  const operation = operationOf(id);
  await operation.locator('.opblock-summary-control').click();
  await operation.locator('.try-out__btn').click();
  await fill(operation);
  await operation.locator('.execute').click();
  const answer = operation.locator('.live-responses-table tbody .response').first();
  await answer.waitFor();
  const status = await answer.locator('.response-col_status').innerText();
  return {
    status: Number.parseInt(status, 10),
    body: await answer.locator('.microlight').first().innerText(),
  };
}

describe('the page of a service’s interfaces', () => {
  test('shows every operation, and violates no policy', async () => {
    await page.goto(`${running.world.stack.services.payment}/docs`);
    await operationOf('payment.create').waitFor();
    expect(complaints).toEqual([]);
  });

  test('signs a person in, who sees the consent page', async () => {
    const [customer] = running.world.stack.customers;
    await page.click('#sign-in');
    await page.fill('input[type=email]', customer!.email);
    await page.fill('input[type=password]', customer!.password);
    await page.click('button[type=submit]');
    await page.getByText('Interface documentation').first().waitFor();
    await page.getByRole('button', { name: /allow/i }).click();
    await page.getByText(/^Signed in/).waitFor();
    expect(complaints).toEqual([]);
  });

  test('sends a signed read', async () => {
    const { status, body } = await tryOut('payment.list');
    expect([status, Object.keys(JSON.parse(body) as object)]).toEqual([200, ['payments']]);
  });

  test('sends a signed order, and the payment is accepted', async () => {
    const { customerAccountId, merchantAccountId } = running.world;
    const order = {
      source: { kind: 'account', accountId: customerAccountId },
      payee: { kind: 'account', accountId: merchantAccountId },
      amountMinor: 100,
      currency: 'EUR',
      endToEndId: `DOCS-${newJti().slice(-12)}`,
    };
    const { status, body } = await tryOut('payment.create', (operation) =>
      operation.locator('textarea.body-param__text').fill(JSON.stringify(order)),
    );
    expect([status, JSON.parse(body)]).toMatchObject([202, { endToEndId: order.endToEndId }]);
    expect(complaints).toEqual([]);
  });

  test.each([
    ['an operation', documentFragments.operation(operations.capturePayment), '.opblock.is-open'],
    ['a message', documentFragments.message(messages.paymentCaptured.type), 'article:target'],
  ])('shows %s to which an address leads', async (_name, fragment, selector) => {
    const fresh = await browser.newPage();
    await fresh.goto(`${running.world.stack.services.payment}/docs#${fragment}`);
    await operationsOf(fresh).first().waitFor();
    const target = fresh.locator(selector);
    expect(await target.getAttribute('id')).toContain(fragment.split('/').at(-1)!.split('.').at(-1));
    await fresh.waitForFunction(
      `(() => { const { top } = document.querySelector('${selector}').getBoundingClientRect(); return top >= -1 && top < innerHeight; })()`,
    );
    await fresh.close();
  });

  test('has no serious fault of accessibility in its own part', async () => {
    await page.evaluate(axe);
    const found = await page.evaluate(
      "axe.run({ include: [['header'], ['#messages']] }).then(({ violations }) => violations.map(({ id, impact }) => `${impact} ${id}`))",
    );
    expect(found).toEqual([]);
  });
});
