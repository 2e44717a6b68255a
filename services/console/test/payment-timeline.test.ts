import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId, operations } from '@tallystick/contracts';
import type { ApiClient } from '@tallystick/demo';
import { eventually } from '@tallystick/messaging/testing';
import { Browser, type Shown } from '@tallystick/pages/testing';
import { RELEASES_KNOWN_WITHIN_MS, runConsole, type StartedConsole } from './running-console.ts';

let running: StartedConsole;
let browser: Browser;
let customer: ApiClient;
let paymentId: string;

beforeAll(async () => {
  running = await runConsole();
  browser = new Browser('everywhere');
  await running.signIn(browser);
  customer = await running.customer();
  paymentId = await payByCard();
}, 120_000);
afterAll(() => running?.stop());

/** Orders a card on a new account and pays with it. The account is empty, so the ledger refuses the hold. */
async function payByCard(): Promise<string> {
  const { body: account } = await customer.call(operations.accountOpen, { body: { currency: 'EUR' } });
  const { body: card } = await customer.call(operations.cardIssue, {
    body: {
      accountId: account.accountId,
      currency: 'EUR',
      limits: { perPaymentMinor: 20_000n, perDayMinor: 30_000n, perMonthMinor: 100_000n },
    },
  });
  await eventually(async () => {
    const { body } = await customer.call(operations.cardGet, { params: { cardId: card.cardId } });
    return body.status === 'active';
  });
  const { body: payment } = await customer.call(operations.createPayment, {
    body: {
      source: { kind: 'card', cardId: card.cardId },
      payee: { kind: 'account', accountId: newId('acc') },
      amountMinor: 1_250n,
      currency: 'EUR',
      capture: 'automatic',
      capturedBy: 'payee',
      endToEndId: 'ORDER-1',
    },
  });
  return payment.paymentId;
}

/** Opens the payment until it shows a text. */
const shows = (text: string, withinMs?: number): Promise<Shown> =>
  eventually(async () => {
    const shown = await browser.open(`${running.url}/payments/${paymentId}`);
    return shown.body.includes(text) && shown;
  }, withinMs);

describe('the timeline of a payment over HTTP', () => {
  test('has the request once, before its first message, with client, key and subject, and links to every carrier', async () => {
    const { body } = await shows('account.hold.place</a>');
    expect(body.match(/HTTP request: /g)).toHaveLength(1);
    expect(body).toContain(`HTTP request: ${operations.createPayment.summary}`);
    const [row = ''] = /<li class="accent" id="request-.*?<\/li>/s.exec(body) ?? [];
    expect(row).toContain('proof holds');
    expect(row).toContain('<code>POST /v2/payments</code>');
    expect(row).toContain(String(running.system.stackFile.customers[0]!['id']));
    expect(row).toContain('<strong>demo-app</strong>');
    expect(row).toContain(customer.dpopKey.kid);
    const carriers = [...row.matchAll(/href="#(record-[^"]+)">([^<]+)</g)];
    expect(carriers.map(([, , type]) => type)).toEqual(['card.authorize', 'account.hold.place']);
    for (const [, anchor] of carriers)
      expect(body.indexOf(`id="${anchor}"`)).toBeGreaterThan(body.indexOf(row));
    // And from the messages back to the request.
    const [, anchor] = /id="(request-[^"]+)"/.exec(row)!;
    expect(body.split(`href="#${anchor}"`)).toHaveLength(carriers.length + 1);
  });

  test('is found by the key of the customer’s device', async () => {
    const byKey = await browser.open(`${running.url}/payments/${customer.dpopKey.kid}`);
    expect(byKey.body).toContain(paymentId);
  });

  test('says which release wrote each message, and that it declared it', async () => {
    const { body } = await shows('declares this message', RELEASES_KNOWN_WITHIN_MS);
    expect(body).toMatch(/Release of payment<\/dt>\s*<dd><code title="[0-9a-f]{64}">[0-9a-f]{12}<\/code>/);
    expect(body).not.toContain('did not declare this message');
  }, 120_000);
});
