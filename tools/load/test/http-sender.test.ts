import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { newId } from '@tallystick/contracts';
import { ApiClient, newDpopKey } from '@tallystick/demo';
import { eventually } from '@tallystick/messaging/testing';
import { HttpSender } from '../src/orders/http-sender.ts';
import { OrderBook } from '../src/orders/order-book.ts';
import { Tally } from '../src/phase-tally.ts';
import type { People } from '../src/setup/people.ts';
import { placed } from './placed-order.ts';

const paymentId = newId('pay');
const anAccount = () => ({ kind: 'account' as const, accountId: newId('acc') });
const [source, payee] = [anAccount(), anAccount()];

const payment = (status: string): object => ({
  paymentId,
  endToEndId: '1',
  source,
  amountMinor: 5,
  currency: 'EUR',
  capture: 'automatic',
  payee,
  capturedBy: 'payee',
  status,
  capturedMinor: status === 'captured' ? 5 : 0,
  refundedMinor: 0,
  createdAt: '2026-11-30T12:00:00.000Z',
  updatedAt: '2026-11-30T12:00:00.000Z',
  captures: [],
  refunds: [],
});
const atCapacity = { type: 'about:blank', status: 503, code: 'service.unavailable' };

/** The answers that the server still has to give, and the requests that it got. */
let answers: [status: number, body: object][] = [];
const methods: (string | undefined)[] = [];
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    methods.push(request.method);
    const [status, body] = answers.shift()!;
    const type = status < 400 ? 'application/json' : 'application/problem+json';
    response.writeHead(status, { 'Content-Type': type }).end(JSON.stringify(body));
  });
});

let sender: HttpSender;
let book: OrderBook;
const faults: unknown[] = [];
beforeEach(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const services = { auth: url, account: url, card: url, payment: url };
  const client = new ApiClient(services, 'token', await newDpopKey());
  const signedIn = { client, refresh: () => Promise.resolve() };
  book = new OrderBook();
  const people = { payer: signedIn, merchant: signedIn } as unknown as People;
  sender = new HttpSender(people, book, (error) => void faults.push(error));
  methods.splice(0);
});
afterEach(async () => {
  sender.stop();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  expect(faults).toEqual([]);
});

/** Orders a payment and waits for the end of the order. */
async function outcomeOf(...given: typeof answers): Promise<{ status: string; failures: object }> {
  answers = given;
  const phase = new Tally(performance.now());
  const order = placed({
    via: 'http',
    source,
    payeeAccountId: payee.accountId,
    dueAtMs: performance.now(),
    phase,
    paymentId: undefined,
  });
  book.place(order);
  sender.send(order);
  await eventually(() => book.outstanding === 0);
  return { status: order.status, failures: phase.failures };
}

describe('an order over HTTP', () => {
  test('ends with the outcome in its answer', async () => {
    expect(await outcomeOf([200, payment('captured')])).toEqual({ status: 'captured', failures: {} });
    expect(methods).toEqual(['POST']);
  });

  test('is refused if its request is', async () => {
    expect(await outcomeOf([503, atCapacity])).toEqual({
      status: 'refused',
      failures: { 'service.unavailable': 1 },
    });
  });

  test('is read until it has an outcome, also if a read is refused because the service is busy', async () => {
    expect(
      await outcomeOf(
        [202, payment('requested')],
        [200, payment('requested')],
        [503, atCapacity],
        [200, payment('captured')],
      ),
    ).toEqual({ status: 'captured', failures: {} });
    expect(methods).toEqual(['POST', 'GET', 'GET', 'GET']);
  });
});
