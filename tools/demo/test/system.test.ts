import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ProblemError } from '@tallystick/client';
import {
  messages,
  newId,
  newJti,
  operations,
  coreServices,
  type MessageDefinition,
  type CoreServiceName,
} from '@tallystick/contracts';
import { createPool } from '@tallystick/postgres';
import { CUSTOMER_CLIENT, CUSTOMER_ORIGIN, THIRD_PARTY } from '@tallystick/stack';
import { ApiClient } from '../src/api-client.ts';
import {
  order,
  publishRaw,
  quarantinedWith,
  refusedWith,
  sealAs,
  topicOf,
  attackKeys,
  type AttackKeys,
} from '../src/hostile/attack.ts';
import { balanceOf, grantMandate } from '../src/story/accounts.ts';
import { checkBooks } from '../src/story/books.ts';
import { issueCard } from '../src/story/card.ts';
import { payTraced, rootsOf, servicesIn, wholeTrace } from '../src/story/trace.ts';
import type { World } from '../src/world.ts';
import { eventually, startWholeSystem, type RunningSystem } from './system.ts';

const START_TIMEOUT_MS = 120_000;
const PAYMENTS = 'payment.commands.v1';
const failed = messages.paymentFailed as unknown as MessageDefinition;

let running: RunningSystem;
let world: World;
let keys: AttackKeys;

beforeAll(async () => {
  running = await startWholeSystem();
  world = running.world;
  keys = await attackKeys(world);
  await grantMandate(world);
  await issueCard(world);
}, START_TIMEOUT_MS);

afterAll(async () => {
  await running.stop();
}, START_TIMEOUT_MS);

const fromAccount = (amountMinor = 100n) => ({
  source: { kind: 'account' as const, accountId: world.customerAccountId },
  payee: { kind: 'account' as const, accountId: world.merchantAccountId },
  amountMinor,
  currency: 'EUR' as const,
  capture: 'automatic' as const,
  capturedBy: 'payee' as const,
  endToEndId: `T-${randomUUID().slice(0, 30)}`,
});
const fromCard = (amountMinor: bigint, capture: 'automatic' | 'manual' = 'automatic') => ({
  ...fromAccount(amountMinor),
  source: { kind: 'card' as const, cardId: world.cardId },
  capture,
});

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'no error';
  } catch (error) {
    if (error instanceof ProblemError) return `${error.status} ${error.code}`;
    throw error;
  }
}

describe('a payment is one trace', () => {
  test('of all four services in one tree', async () => {
    const query = running.backing.traces.query!;
    if (process.env['TALLYSTICK_TRACES'] === 'jaeger') expect(process.env['TEST_JAEGER']).toBe(query);
    const traceId = await payTraced(world, `TRACE-${randomUUID().slice(0, 20)}`);
    const found = await wholeTrace(query, traceId);
    expect([...servicesIn(found)].toSorted()).toEqual(expect.arrayContaining([...coreServices].toSorted()));
    expect(rootsOf(found).map(({ name }) => name)).toEqual(['pay by card']);
  });

  test("in which a message's consumer is a child of its producer", async () => {
    const traceId = await payTraced(world, `TRACE-${randomUUID().slice(0, 20)}`);
    const { spans } = await wholeTrace(running.backing.traces.query!, traceId);
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    const processed = spans.find(({ name }) => name === 'process account.hold.place')!;
    const parent = byId.get(processed.parentSpanId!)!;
    expect([parent.service, parent.name]).toEqual(['card', 'send account.commands.v1']);
  });
});

describe('a customer accesses only own resources', () => {
  test('hides the accounts, cards and payments of others like missing ones', async () => {
    const { body: payment } = await world.customer.call(operations.createPayment, {
      body: fromAccount(),
      waitS: 15,
    });
    const stranger = new ApiClient(
      world.customer.services,
      world.operators.with('reader').accessToken,
      world.operators.with('reader').dpopKey,
    );
    expect(
      await codeOf(
        world.merchant.call(operations.accountGet, { params: { accountId: world.customerAccountId } }),
      ),
    ).toBe('404 resource.not_found');
    expect(await codeOf(world.merchant.call(operations.cardGet, { params: { cardId: world.cardId } }))).toBe(
      '404 resource.not_found',
    );
    expect(
      await codeOf(stranger.call(operations.getPayment, { params: { paymentId: payment.paymentId } })),
    ).toBe('403 token.scope_insufficient');
    expect(
      await codeOf(world.merchant.call(operations.getPayment, { params: { paymentId: newId('pay') } })),
    ).toBe('404 payment.not_found');
  });

  test('refuses a payment from the account of another customer', async () => {
    const before = await balanceOf(world, 'customer');
    const body = {
      ...fromAccount(),
      payee: { kind: 'account' as const, accountId: world.merchantAccountId },
    };
    expect(await codeOf(world.merchant.call(operations.createPayment, { body }))).toBe(
      '404 ledger.account_not_found',
    );
    expect(await balanceOf(world, 'customer')).toEqual(before);
  });

  test('refuses a payment with the card of another customer', async () => {
    const { body } = await world.merchant.call(operations.createPayment, { body: fromCard(100n), waitS: 15 });
    expect([body.status, body.code]).toEqual(['failed', 'card.not_found']);
  });
});

describe('a payment by card', () => {
  test('is declined beyond a limit of the card, and holds no money', async () => {
    const before = await balanceOf(world, 'customer');
    const { body } = await world.customer.call(operations.createPayment, {
      body: fromCard(20_001n),
      waitS: 15,
    });
    expect([body.status, body.code]).toEqual(['failed', 'card.limit_exceeded']);
    expect(await balanceOf(world, 'customer')).toEqual(before);
  });

  test('releases the held amount when its payee cancels it, and not for its payer', async () => {
    const before = await balanceOf(world, 'customer');
    const { body: held } = await world.customer.call(operations.createPayment, {
      body: fromCard(500n, 'manual'),
      waitS: 15,
    });
    expect(held.status).toBe('authorized');
    const params = { paymentId: held.paymentId };
    expect(await codeOf(world.customer.call(operations.cancelPayment, { params }))).toBe(
      '403 payment.not_permitted',
    );
    const { body } = await world.merchant.call(operations.cancelPayment, { params, waitS: 15 });
    expect(body.status).toBe('cancelled');
    expect(await balanceOf(world, 'customer')).toEqual(before);
    expect(
      await codeOf(
        world.merchant.call(operations.capturePayment, { params, body: { amountMinor: 1n, final: false } }),
      ),
    ).toBe('409 payment.state_conflict');
  });

  test('is captured in parts, and never above the held amount', async () => {
    const { body: held } = await world.customer.call(operations.createPayment, {
      body: fromCard(1_000n, 'manual'),
      waitS: 15,
    });
    const params = { paymentId: held.paymentId };
    const first = await world.merchant.call(operations.capturePayment, {
      params,
      body: { amountMinor: 400n, final: false },
      waitS: 15,
    });
    expect(first.body.capturedMinor).toBe(400n);
    expect(
      await codeOf(
        world.merchant.call(operations.capturePayment, { params, body: { amountMinor: 601n, final: false } }),
      ),
    ).toBe('409 payment.amount_exceeded');
    const last = await world.merchant.call(operations.capturePayment, {
      params,
      body: { amountMinor: 600n, final: false },
      waitS: 15,
    });
    expect([last.body.status, last.body.capturedMinor]).toEqual(['captured', 1_000n]);
  });
});

describe('an Idempotency-Key', () => {
  test('is refused with another body', async () => {
    const idempotencyKey = randomUUID();
    await world.customer.call(operations.createPayment, { body: fromAccount(), idempotencyKey, waitS: 15 });
    expect(
      await codeOf(world.customer.call(operations.createPayment, { body: fromAccount(), idempotencyKey })),
    ).toBe('422 idempotency.key_reused');
  });

  test('has one effect on two concurrent requests', async () => {
    const before = await balanceOf(world, 'customer');
    const idempotencyKey = randomUUID();
    const body = fromAccount(321n);
    const answers = await Promise.allSettled(
      [1, 2, 3].map(() => world.customer.call(operations.createPayment, { body, idempotencyKey, waitS: 15 })),
    );
    expect(answers.some(({ status }) => status === 'fulfilled')).toBe(true);
    await eventually(
      () => balanceOf(world, 'customer'),
      ({ posted }) => posted === before.posted - 321n,
    );
  });
});

describe('an order of a third party', () => {
  test('is refused under an end-to-end id that the payer has already used', async () => {
    const first = order(world, 100n);
    const second = { ...first, paymentId: newId('pay') };
    for (const data of [first, second]) {
      const { key, value } = await sealAs(world, 'acme', keys.acme, messages.paymentCreate, data);
      await publishRaw(world, PAYMENTS, key, value);
      if (data === first)
        await world.watch.events.next(
          ({ claims }) => claims.type === 'payment.captured' && claims.sub === key,
          15_000,
        );
    }
    const rejected = messages.paymentCommandRejected as unknown as MessageDefinition;
    const { shown } = await refusedWith(
      world,
      rejected,
      ({ paymentId }) => paymentId === second.paymentId,
      'payment.end_to_end_id_reused',
    );
    expect(shown).toBe('payment.command_rejected: payment.end_to_end_id_reused');
  });

  test('moves no money after its mandate is withdrawn', async () => {
    const { body } = await world.customer.call(operations.mandateList);
    const { mandateId } = body.mandates.find(
      ({ grantee, status }) => grantee.kind === 'producer' && status === 'active',
    )!;
    await world.customer.call(operations.mandateWithdraw, { params: { mandateId } });
    const { key, value } = await sealAs(world, 'acme', keys.acme, messages.paymentCreate, order(world, 100n));
    await publishRaw(world, PAYMENTS, key, value);
    expect(
      await refusedWith(world, failed, ({ paymentId }) => paymentId === key, 'mandate.missing'),
    ).toMatchObject({ held: true });
    await grantMandate(world);
  });
});

describe('a crash', () => {
  test.each(['account', 'card', 'payment'] as const)(
    'of %s during a payment loses no money',
    async (service) => {
      const before = await balanceOf(world, 'customer');
      const request = { body: fromCard(250n), idempotencyKey: randomUUID() };
      const ask = () => world.customer.call(operations.createPayment, request);
      const asked = ask();
      const killed = running.system.processes[service].kill('SIGKILL');
      const first = await asked.catch(() => undefined);
      await killed;
      await running.system.processes[service].restart();
      // A client without a response repeats the request under the same key.
      const answer = first ?? (await ask());
      const params = { paymentId: answer.body.paymentId };
      const ended = await eventually(
        () => world.customer.call(operations.getPayment, { params }),
        ({ body }) => body.status === 'captured',
        30_000,
      );
      expect(ended.body.capturedMinor).toBe(250n);
      await eventually(
        () => balanceOf(world, 'customer'),
        ({ posted, available }) => posted === before.posted - 250n && available === posted,
      );
    },
    90_000,
  );
});

describe('a service that restarts after forged messages in its name', () => {
  const holdFor = (real: ReturnType<typeof order>, amountMinor: bigint, envelope: string) => ({
    holdId: newId('hld'),
    debitAccountId: world.customerAccountId,
    creditAccountId: world.merchantAccountId,
    amountMinor,
    currency: 'EUR' as const,
    paymentId: real.paymentId,
    expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
    evidence: { kind: 'order' as const, envelope },
  });

  test('creates no payments from them, and becomes ready', async () => {
    const real = order(world, 900n);
    const genuine = await sealAs(world, 'acme', keys.acme, messages.paymentCreate, real);
    const made = order(world, 900n);
    const madeUp = await sealAs(world, 'payment', keys.payment, messages.paymentCreate, made);
    for (const asked of [
      holdFor(real, 5_000n, genuine.value),
      holdFor({ ...real, paymentId: newId('pay') }, 900n, genuine.value),
      holdFor(made, 900n, madeUp.value),
    ]) {
      const { key, value } = await sealAs(world, 'payment', keys.payment, messages.holdPlace, asked);
      await publishRaw(world, 'account.commands.v1', key, value);
      const rejected = messages.holdRejected as unknown as MessageDefinition;
      await world.watch.events.next(
        ({ claims }) =>
          claims.type === rejected.type && (claims.data as { holdId: string }).holdId === asked.holdId,
        20_000,
      );
    }
    await running.system.processes.payment.restart();
    const pool = createPool({ url: world.stack.postgres.payment!, applicationName: 'test' });
    const { rows } = await pool.query('SELECT payment_id FROM payment WHERE payment_id = ANY ($1)', [
      [real.paymentId, made.paymentId],
    ]);
    await pool.end();
    expect(rows).toEqual([]);
  }, 60_000);
});

describe('an expired command', () => {
  test('is quarantined, and its sender receives a rejection', async () => {
    const asked = {
      transferId: newId('trf'),
      debitAccountId: world.customerAccountId,
      creditAccountId: world.merchantAccountId,
      amountMinor: 100n,
      currency: 'EUR' as const,
      paymentId: newId('pay'),
      refund: false,
      evidence: { kind: 'order' as const, envelope: 'a.b.c' },
    };
    const { key, value } = await sealAs(world, 'payment', keys.payment, messages.transferCreate, asked, {
      nowMs: Date.now() - 50_000,
      lifetimeS: 10,
    });
    await publishRaw(world, 'account.commands.v1', key, value);
    const rejected = messages.transferRejected as unknown as MessageDefinition;
    expect(
      await refusedWith(
        world,
        rejected,
        ({ transferId }) => transferId === asked.transferId,
        'envelope.expired',
      ),
    ).toMatchObject({ held: true });
    expect(await quarantinedWith(world, 'account.commands.v1', key, 'envelope.expired')).toMatchObject({
      held: true,
    });
  });
});

describe('bad input over HTTP', () => {
  test.each([
    ['a wrong field', { endToEndId: 'ä' }, '/body/endToEndId'],
    ['an unknown field', { tip: 1 }, '/body'],
    ['an amount that is not an integer', { amountMinor: 1.5 }, '/body/amountMinor'],
    ['a source of another kind', { source: { kind: 'cash' } }, '/body/source/kind'],
  ])('reports the path of %s', async (_what, change, path) => {
    const body = JSON.stringify({ ...fromAccount(), amountMinor: 100, ...change });
    const response = await world.customer.request(operations.createPayment, body);
    const problem = (await response.json()) as { code: string; errors: { path: string }[] };
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect([response.status, problem.code]).toEqual([400, 'request.invalid']);
    expect(problem.errors.map((fault) => fault.path)).toContain(path);
  });
});

describe('a script of another site', () => {
  const paths = {
    auth: operations.consentList.path,
    account: operations.accountList.path,
    card: operations.cardList.path,
    payment: operations.createPayment.path,
  };

  test.each(coreServices)(
    'may call %s from an origin that a client registered, and from no other',
    async (name) => {
      const allowed = async (origin: string): Promise<string | null> => {
        const headers = { origin, 'access-control-request-method': 'POST' };
        const answer = await fetch(world.stack.services[name] + paths[name], {
          method: 'OPTIONS',
          headers,
        });
        return answer.headers.get('access-control-allow-origin');
      };
      expect(await Promise.all([CUSTOMER_ORIGIN, 'https://evil.example'].map(allowed))).toEqual([
        CUSTOMER_ORIGIN,
        null,
      ]);
    },
  );
});

describe('a producer that floods its topic', () => {
  const FLOOD = 20_000;
  /** Longest time of a payment during the flood; otherwise it takes a tenth of a second. */
  const WITHIN_S = 5;

  test('does not delay payments over HTTP, from an account or by card', async () => {
    const pool = createPool({ url: world.stack.postgres.payment!, applicationName: 'test' });
    const handled = async (): Promise<number> => {
      const { rows } = await pool.query<{ next: bigint }>(
        'SELECT sum(next)::bigint AS next FROM consumer_position WHERE topic = $1',
        [topicOf(world, PAYMENTS)],
      );
      return Number(rows[0]!.next);
    };
    const before = await handled();
    const { key, value } = await sealAs(world, 'acme', keys.acme, messages.paymentCreate, order(world, 100n));
    const record = { id: newJti(), topic: topicOf(world, PAYMENTS), key: Buffer.from(key), headers: {} };
    const flood = world.watch.publisher.publish(
      Array.from({ length: FLOOD }, () => ({ ...record, value: Buffer.from(value) })),
    );
    await eventually(handled, (now) => now > before);
    for (const body of [fromAccount(), fromCard(100n)]) {
      const answer = await world.customer.call(operations.createPayment, { body, waitS: WITHIN_S });
      expect(answer.body.status).toBe('captured');
    }
    expect((await handled()) - before).toBeLessThan(FLOOD);
    await flood;
    await eventually(handled, (now) => now - before === FLOOD, 60_000);
    await pool.end();
  }, 90_000);
});

describe('a revoked key', () => {
  test('stops working within seconds, without a restart', async () => {
    const producer = world.stack.producers.find(({ id }) => id === 'acme')!;
    await world.operators.call(operations.producerKeyRevoke, {
      params: { producerId: 'acme', kid: producer.kid },
    });
    const since = performance.now();
    await eventually(
      async () => world.watch.keyring.find(producer.kid)?.certificate.status,
      (status) => status === 'revoked',
    );
    // The service follows the keys by itself: it may hear of the end a moment after this test does.
    const sent = new Set<string | null>();
    const isRefused = async (): Promise<boolean> => {
      const asked = order(world, 100n);
      const { key, value } = await sealAs(world, 'acme', keys.acme, messages.paymentCreate, asked);
      sent.add(key);
      await publishRaw(world, PAYMENTS, key, value);
      return world.watch.events
        .nextQuarantined((one) => sent.has(one.key) && one.reason === 'envelope.key_revoked', 500)
        .then(
          () => true,
          () => false,
        );
    };
    await eventually(isRefused, (refused) => refused);
    expect(performance.now() - since).toBeLessThan(5_000);
  });
});

describe('the metrics of a service', () => {
  /** The labels of each series of a metric. */
  async function seriesOf(service: CoreServiceName, metric: string): Promise<Record<string, string>[]> {
    const text = await running.metricsOf(service);
    return text
      .split('\n')
      .filter((line) => line.startsWith(`${metric}{`))
      .map((line) =>
        Object.fromEntries(
          [...line.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name!, value!] as const),
        ),
      );
  }

  test('tell each operation by version, client, status and error', async () => {
    const requests = await seriesOf('payment', 'http_server_request_duration_seconds_count');
    const called = {
      tallystick_interface: 'payment.create',
      tallystick_version: '2',
      http_route: '/v2/payments',
    };
    expect(requests).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          ...called,
          http_response_status_code: '201',
          tallystick_client: CUSTOMER_CLIENT,
        }),
        expect.objectContaining({ ...called, error_type: 'request.invalid' }),
      ]),
    );
    expect(requests.every(({ tallystick_interface: id }) => id !== undefined)).toBe(true);
  });

  test('tell each message by type, version and sender, and each refusal by its code', async () => {
    expect(await seriesOf('payment', 'messaging_process_duration_seconds_count')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ tallystick_interface: 'payment.create', tallystick_client: THIRD_PARTY }),
        expect.objectContaining({
          tallystick_interface: 'account.transfer.posted',
          tallystick_client: 'account',
        }),
      ]),
    );
    expect(await seriesOf('payment', 'tallystick_messages_total')).toContainEqual(
      expect.objectContaining({ tallystick_outcome: 'envelope.key_revoked' }),
    );
  });

  test.each(['account', 'card', 'payment'] as const)(
    'of %s tell its lag, its outbox, its keys and its checks',
    async (service) => {
      const expected = [
        'tallystick_consumer_lag',
        'tallystick_outbox_age_seconds',
        'tallystick_key_age_seconds',
        'tallystick_key_remaining_seconds',
        'tallystick_snapshot_age_seconds',
        'tallystick_check_duration_seconds_count',
      ];
      const told = (text: string): string[] => expected.filter((metric) => text.includes(`\n${metric}`));
      // Gauges are recorded every five seconds, and the service may have begun again just before.
      const text = await eventually(
        () => running.metricsOf(service),
        (now) => told(now).length === expected.length,
      );
      expect(told(text)).toEqual(expected);
    },
  );
});

describe('after all tests', () => {
  test('the trial balance is zero and no money is held', async () => {
    await checkBooks(world);
    const { body } = await world.operators.call(operations.trialBalance);
    expect(body.balanced).toBe(true);
    expect(body.currencies.every(({ holdsMinor }) => holdsMinor === 0n)).toBe(true);
  });

  test('no log contains a token, a proof, a password or a card number', () => {
    const written = running.logs();
    expect(written.length).toBeGreaterThan(1_000);
    const secrets = [
      world.customer.accessToken,
      world.merchant.accessToken,
      world.access.tokens!.refreshToken!,
      ...world.stack.customers.map(({ password }) => password),
    ];
    for (const secret of secrets) expect(written.includes(secret)).toBe(false);
    // Any token or proof, by its first characters, and any card number of the issuer.
    expect(written).not.toMatch(/eyJ[A-Za-z0-9_-]{20,}\./);
    expect(written).not.toMatch(/99990001\d{8}/);
  });

  test('every step of the story held', () => {
    expect(world.narrator.broken).toBe(0);
  });
});
