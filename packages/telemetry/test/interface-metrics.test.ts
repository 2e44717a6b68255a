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
        'messaging.destination.name': 'payment.commands.v1',
        'tallystick.type': 'payment.create',
        outcome: 'handled',
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
