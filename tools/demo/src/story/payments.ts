import { randomUUID } from 'node:crypto';
import { formatAmount, newId, operations } from '@tallystick/contracts';
import { THIRD_PARTY } from '@tallystick/stack';
import { askProducer } from '../ask-producer.ts';
import type { World } from '../world.ts';
import { balanceOf } from './accounts.ts';

/** Longest wait for an outcome over HTTP, in seconds. */
export const WAIT_S = 15;

/** Pays over HTTP; a repeated request gets the same answer and moves no money. */
export async function payOverHttp(world: World): Promise<void> {
  const { narrator, customer } = world;
  const order = {
    source: { kind: 'account', accountId: world.customerAccountId },
    payee: { kind: 'account', accountId: world.merchantAccountId },
    amountMinor: 2_500n,
    currency: 'EUR',
    capture: 'automatic',
    capturedBy: 'payee',
    endToEndId: 'INVOICE-1001',
  } as const;
  const idempotencyKey = randomUUID();
  const first = await customer.call(operations.createPayment, { body: order, idempotencyKey, waitS: WAIT_S });
  const before = await balanceOf(world, 'customer');
  narrator.check(
    `${formatAmount(order.amountMinor, 'EUR')} paid over HTTP: ${first.body.status}`,
    first.status === 201 && first.body.status === 'captured' && before.posted === 97_500n,
    first.body.paymentId,
  );
  narrator.tell(`GET ${customer.services.payment}/v2/payments/${first.body.paymentId}`);
  const second = await customer.call(operations.createPayment, {
    body: order,
    idempotencyKey,
    waitS: WAIT_S,
  });
  const after = await balanceOf(world, 'customer');
  narrator.check(
    'a repeated request gets the same answer and moves no money',
    second.isReplay &&
      second.text === first.text &&
      second.status === first.status &&
      after.posted === before.posted,
    `balance ${formatAmount(after.posted, 'EUR')}`,
  );
}

/** Orders a payment on Kafka as a third party: a separate process with its own key alone. */
export async function payByProducer(world: World): Promise<string> {
  const { narrator, stack } = world;
  const paymentId = newId('pay');
  const [answer] = await askProducer(stack, THIRD_PARTY, [
    {
      type: 'payment.create',
      data: {
        paymentId,
        source: { kind: 'account', accountId: world.customerAccountId },
        payee: { kind: 'account', accountId: world.merchantAccountId },
        amountMinor: 1_500,
        currency: 'EUR',
        endToEndId: 'SUBSCRIPTION-11',
      },
    },
  ]);
  if (answer === undefined) throw new Error('the third party printed no outcome');
  const { posted } = await balanceOf(world, 'customer');
  narrator.tell(`${THIRD_PARTY} publishes payment.create on payment.commands.v1, key ${paymentId}`);
  narrator.check(
    `it gets its result event: ${answer.event.type}, signed by ${answer.event.iss}`,
    answer.event.type === 'payment.captured' &&
      answer.event.data['paymentId'] === paymentId &&
      posted === 96_000n,
    `15.00 EUR, txn ${answer.event.txn}`,
  );
  narrator.tell(`GET ${world.customer.services.payment}/v2/payments/${paymentId}`);
  return answer.sent.value;
}

/** Pays over HTTP and over Kafka in version 1, which names the payee by its account alone and is still supported. */
export async function payInVersion1(world: World): Promise<void> {
  const { narrator, customer, stack } = world;
  const before = await balanceOf(world, 'customer');
  const order = {
    source: { kind: 'account', accountId: world.customerAccountId },
    payeeAccountId: world.merchantAccountId,
    amountMinor: 1_000,
    currency: 'EUR',
    endToEndId: 'INVOICE-0901',
  };
  const answer = await customer.request(operations.createPayment, JSON.stringify(order), {
    version: 1,
    waitS: WAIT_S,
  });
  const paid = (await answer.json()) as { status?: string; payeeAccountId?: string };
  narrator.check(
    `10.00 EUR paid over HTTP in version 1: ${paid.status}`,
    answer.status === 201 && paid.status === 'captured' && paid.payeeAccountId === order.payeeAccountId,
    `Deprecation: ${answer.headers.get('deprecation')}, Sunset: ${answer.headers.get('sunset')}`,
  );
  const paymentId = newId('pay');
  const [outcome] = await askProducer(stack, THIRD_PARTY, [
    {
      type: 'payment.create',
      version: 1,
      data: { ...order, paymentId, amountMinor: 500, endToEndId: 'SUBSCRIPTION-09' },
    },
  ]);
  const after = await balanceOf(world, 'customer');
  narrator.check(
    `5.00 EUR paid over Kafka in version 1: ${outcome?.event.type}`,
    outcome?.event.type === 'payment.captured' && before.posted - after.posted === 1_500n,
    paymentId,
  );
}
