import { setTimeout as delay } from 'node:timers/promises';
import { formatAmount, newId, operations } from '@tallystick/contracts';
import { THIRD_PARTY } from '@tallystick/stack';
import pg from 'pg';
import { askProducer } from '../ask-producer.ts';
import type { World } from '../world.ts';
import { balanceOf } from './accounts.ts';
import { WAIT_S } from './payments.ts';

const ACTIVE_WITHIN_MS = 15_000;
const POLL_MS = 50;

/**
 * Orders a card. Its number is shown once, encrypted at rest, and found by its fingerprint when a third party sends
 * it.
 */
export async function issueCard(world: World): Promise<void> {
  const { narrator, customer, stack } = world;
  const { body: issued } = await customer.call(operations.cardIssue, {
    body: {
      accountId: world.customerAccountId,
      currency: 'EUR',
      limits: { perPaymentMinor: 20_000n, perDayMinor: 30_000n, perMonthMinor: 100_000n },
    },
  });
  const number = issued.number ?? '';
  world.cardId = issued.cardId;
  const status = await becomesActive(world);
  narrator.check(
    `a card is issued on the account: number ending ${issued.last4}, shown once`,
    status === 'active',
    issued.cardId,
  );
  narrator.tell(`GET ${customer.services.card}/v1/cards/${issued.cardId}`);
  narrator.check(
    'the number is encrypted at rest',
    !(await standsInDatabase(stack.postgres.card!, number)),
    'AES-256-GCM, bound to its row',
  );

  const [answer] = await askProducer(stack, THIRD_PARTY, [
    { type: 'card.tokenize', data: { tokenizationId: newId('tok'), number } },
  ]);
  const parts = answer?.sent.value.split('.').length;
  const seen = JSON.stringify(answer ?? '');
  narrator.check(
    'the number travels to the card service as a JWE and is exchanged for a token of this third party',
    parts === 5 &&
      seen.includes('"cardToken":"ctk_') &&
      !seen.includes(number) &&
      !seen.includes(world.cardId),
    String(answer?.event.type),
  );
}

async function becomesActive({ customer, cardId }: World): Promise<string> {
  const deadline = performance.now() + ACTIVE_WITHIN_MS;
  for (;;) {
    const { body } = await customer.call(operations.cardGet, { params: { cardId } });
    if (body.status !== 'issued' || performance.now() > deadline) return body.status;
    await delay(POLL_MS);
  }
}

async function standsInDatabase(url: string, number: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ found: boolean }>(
      `SELECT coalesce(bool_or(position($1::text in card::text) > 0 OR position($1::bytea in number_encrypted) > 0), false) AS found FROM card`,
      [number],
    );
    return rows[0]!.found;
  } finally {
    await client.end();
  }
}

/** Pays by card: authorized, partly captured, partly refunded. */
export async function payByCard(world: World): Promise<void> {
  const { narrator, customer, merchant } = world;
  const { body: payment } = await customer.call(operations.createPayment, {
    body: {
      source: { kind: 'card', cardId: world.cardId },
      payee: { kind: 'account', accountId: world.merchantAccountId },
      amountMinor: 4_000n,
      currency: 'EUR',
      capture: 'manual',
      capturedBy: 'payee',
      endToEndId: 'ORDER-2002',
    },
    waitS: WAIT_S,
  });
  const params = { paymentId: payment.paymentId };
  const held = await balanceOf(world, 'customer');
  narrator.check(
    `40.00 EUR by card: ${payment.status}, and the amount is held`,
    payment.status === 'authorized' && held.posted - held.available === 4_000n,
    payment.paymentId,
  );
  const { body: captured } = await merchant.call(operations.capturePayment, {
    params,
    body: { amountMinor: 3_000n, final: true },
    waitS: WAIT_S,
  });
  narrator.check(
    `the merchant captures 30.00, the rest is released: ${captured.status}`,
    captured.capturedMinor === 3_000n,
    formatAmount(captured.capturedMinor, 'EUR'),
  );
  const { body: refunded } = await merchant.call(operations.refundPayment, {
    params,
    body: { amountMinor: 1_000n },
    waitS: WAIT_S,
  });
  const after = await balanceOf(world, 'customer');
  narrator.check(
    `the merchant refunds 10.00`,
    refunded.refundedMinor === 1_000n && after.posted === 94_000n && after.available === 94_000n,
    `balance ${formatAmount(after.posted, 'EUR')}`,
  );
  narrator.tell(`GET ${customer.services.payment}/v1/payments/${payment.paymentId}`);
  narrator.tell(`GET ${customer.services.card}/v1/cards/${world.cardId}/authorizations`);
}
