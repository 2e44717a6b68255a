import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';

const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
// A meter keeps the provider that was registered when the meter was created.
let telemetry: typeof import('../src/index.ts');
beforeAll(async () => {
  metrics.setGlobalMeterProvider(provider);
  telemetry = await import('../src/index.ts');
});
afterAll(() => provider.shutdown());

/** The points of each metric, by its name and unit. */
async function exported(): Promise<Record<string, { attributes: object; value: unknown }[]>> {
  exporter.reset();
  await provider.forceFlush();
  const all = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((one) => one.metrics));
  return Object.fromEntries(
    all.map(({ descriptor, dataPoints }) => [
      [descriptor.name, descriptor.unit].filter(Boolean).join(' in '),
      dataPoints.map(({ attributes, value }) => ({ attributes, value })),
    ]),
  );
}

test('exports the last recorded age of an outbox, in seconds', async () => {
  telemetry.recordOutboxAge(12.5);
  expect((await exported())['tallystick.outbox.age in s']).toEqual([{ attributes: {}, value: 12.5 }]);
  telemetry.recordOutboxAge(0);
  expect((await exported())['tallystick.outbox.age in s']).toEqual([{ attributes: {}, value: 0 }]);
});

test('exports the imbalance of the ledger for each currency', async () => {
  telemetry.recordImbalance('balances', 'EUR', -7n);
  telemetry.recordImbalance('holds', 'EUR', 0n);
  expect((await exported())['tallystick.ledger.imbalance']).toEqual([
    { attributes: { 'tallystick.of': 'balances', 'tallystick.currency': 'EUR' }, value: -7 },
    { attributes: { 'tallystick.of': 'holds', 'tallystick.currency': 'EUR' }, value: 0 },
  ]);
});

test('exports the time of the last check of the books', async () => {
  telemetry.recordLedgerCheck(1_795_570_000_500);
  expect((await exported())['tallystick.ledger.check.timestamp in s']).toEqual([
    { attributes: {}, value: 1_795_570_000.5 },
  ]);
});

test('counts messages by interface and outcome', async () => {
  telemetry.countMessage('payment.commands.v1', 'payment.create', 'handled', 3);
  telemetry.countMessage('payment.commands.v1', 'payment.create', 'handled');
  expect((await exported())['tallystick.messages']).toEqual([
    {
      attributes: {
        'messaging.system': 'kafka',
        'messaging.destination.name': 'payment.commands.v1',
        'tallystick.interface': 'payment.create',
        'tallystick.outcome': 'handled',
      },
      value: 4,
    },
  ]);
});

test('counts uses of a deprecated version by client', async () => {
  const use = { interface: 'payment.create', version: 1, by: 'wallet' };
  telemetry.countDeprecated(use);
  telemetry.countDeprecated(use);
  telemetry.countDeprecated({ ...use, by: 'acme' });
  const attributes = { 'tallystick.interface': 'payment.create', 'tallystick.version': 1 };
  expect((await exported())['tallystick.deprecated.uses']).toEqual([
    { attributes: { ...attributes, 'tallystick.client': 'wallet' }, value: 2 },
    { attributes: { ...attributes, 'tallystick.client': 'acme' }, value: 1 },
  ]);
});

/** The count and the attributes of each point of a histogram. */
async function pointsOf(name: string): Promise<{ attributes: object; count: number }[]> {
  const points = (await exported())[name] ?? [];
  return points.map(({ attributes, value }) => ({ attributes, count: (value as { count: number }).count }));
}

const create = { id: 'payment.create', version: 2, method: 'POST', route: '/v2/payments' };
const called = {
  'http.request.method': 'POST',
  'http.route': '/v2/payments',
  'tallystick.interface': 'payment.create',
  'tallystick.version': 2,
};

test('records the duration of a request by operation, version, client, status and error', async () => {
  telemetry.countRequest(create)({ status: 201, code: undefined, client: 'wallet' });
  telemetry.countRequest(create)({ status: 401, code: 'token.missing', client: undefined });
  telemetry.countRequest(create)({ status: undefined, code: undefined, client: 'wallet' });
  expect(await pointsOf('http.server.request.duration in s')).toEqual([
    { attributes: { ...called, 'http.response.status_code': 201, 'tallystick.client': 'wallet' }, count: 1 },
    { attributes: { ...called, 'http.response.status_code': 401, 'error.type': 'token.missing' }, count: 1 },
    { attributes: { ...called, 'error.type': 'aborted', 'tallystick.client': 'wallet' }, count: 1 },
  ]);
});

test('counts the requests that wait for their response', async () => {
  const ends = [telemetry.countRequest(create), telemetry.countRequest(create)];
  const waiting = async (): Promise<unknown> =>
    (await exported())['http.server.active_requests in {request}']!.map(({ value }) => value);
  expect(await waiting()).toEqual([2]);
  for (const end of ends) end({ status: 200, code: undefined, client: undefined });
  expect(await waiting()).toEqual([0]);
});

test('records the time of a message from fetch to commit by type, version and sender', async () => {
  const message = { topic: 'payment.commands.v1', type: 'payment.create', version: 1, sender: 'acme' };
  telemetry.recordProcessed(message, 0.02);
  telemetry.recordProcessed(message, 0.03);
  expect(await pointsOf('messaging.process.duration in s')).toEqual([
    {
      attributes: {
        'messaging.system': 'kafka',
        'messaging.operation.name': 'process',
        'messaging.destination.name': 'payment.commands.v1',
        'tallystick.interface': 'payment.create',
        'tallystick.version': 1,
        'tallystick.client': 'acme',
      },
      count: 2,
    },
  ]);
});

test('records the ages of keys, of their snapshot, and how far a consumer lags behind', async () => {
  telemetry.recordKey('signing', { iat: 1_000, exp: 9_000 }, 1_600);
  telemetry.recordSnapshot(42);
  telemetry.recordLag('account.events.v1', 1, 7);
  const found = await exported();
  const valuesOf = (name: string): unknown => found[name]!.map(({ value }) => value);
  expect(valuesOf('tallystick.key.age in s')).toEqual([600]);
  expect(valuesOf('tallystick.key.remaining in s')).toEqual([7_400]);
  expect(valuesOf('tallystick.snapshot.age in s')).toEqual([42]);
  expect(valuesOf('tallystick.consumer.lag in {message}')).toEqual([7]);
});

test('gives clients beyond the first hundred one series together', async () => {
  for (let at = 0; at < 150; at += 1)
    telemetry.countDeprecated({ interface: 'payment.get', version: 1, by: `client-${at}` });
  const points = (await exported())['tallystick.deprecated.uses']!;
  const clients = new Set(
    points.map(({ attributes }) => (attributes as Record<string, string>)['tallystick.client']),
  );
  expect(clients.size).toBeLessThanOrEqual(101);
  expect(clients).toContain('_OTHER');
});

test('exports the time of each step of a probe, by outcome', async () => {
  telemetry.recordProbe('http.payment', 'held', 0.25);
  telemetry.recordProbe('http.payment', 'failed', 10);
  const points = (await exported())['tallystick.probe.duration in s']!;
  expect(points.map(({ attributes, value }) => [attributes, (value as { sum: number }).sum])).toEqual([
    [{ 'tallystick.probe.step': 'http.payment', 'tallystick.outcome': 'held' }, 0.25],
    [{ 'tallystick.probe.step': 'http.payment', 'tallystick.outcome': 'failed' }, 10],
  ]);
});
