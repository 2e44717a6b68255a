import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { types } from 'node:util';

import { afterAll, describe, expect, test } from '@jest/globals';
import { kafkaSecurity, type KafkaConnection } from '@tallystick/messaging';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { Client } from 'pg';

import {
  fetchTrace,
  PrerequisiteError,
  SettingError,
  startBackingServices,
  type BackingServices,
} from '../src/index.ts';

const directory = mkdtempSync(join(tmpdir(), 'stack-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const local = {
  PATH: process.env['PATH'],
  JAVA_HOME: process.env['JAVA_HOME'],
  TALLYSTICK_BACKING: 'process',
};
const silent = () => {};

async function withStack(
  env: NodeJS.ProcessEnv,
  use: (backing: BackingServices) => Promise<void>,
): Promise<void> {
  const backing = await startBackingServices({ directory, progress: silent, traces: 'sink', env });
  try {
    await use(backing);
  } finally {
    await backing.stop();
  }
}

describe('local backing services', () => {
  test('are durable and open on this machine only, and leave nothing when stopped', async () => {
    let pidDirectory = '';
    await withStack(local, async (backing) => {
      ({ pidDirectory } = backing);
      expect(backing.origin).toEqual({ kafka: 'process', postgres: 'process', traces: 'process' });
      expect(backing.kafka.brokers.every((broker) => broker.startsWith('127.0.0.1:'))).toBe(true);
      expect(readdirSync(pidDirectory).toSorted()).toEqual(['kafka.pid.json', 'postgres.pid.json']);
      expect(await setting(backing, 'fsync')).toBe('on');
      expect(await setting(backing, 'synchronous_commit')).toBe('on');
      expect(await setting(backing, 'max_connections')).toBe('300');
      expect(await setting(backing, 'listen_addresses')).toBe('127.0.0.1');
      expect(await roundTrip(backing.kafka, 'hello')).toBe('hello');
    });
    expect(existsSync(pidDirectory)).toBe(false);
  }, 60_000);

  test('are taken from the environment if it names them, and keep running', async () => {
    await withStack(local, async (outer) => {
      const named = {
        ...local,
        KAFKA_BROKERS: outer.kafka.brokers.join(','),
        POSTGRES_URL: outer.postgres.url,
      };
      await withStack(named, async (inner) => {
        expect(inner.origin).toEqual({ kafka: 'environment', postgres: 'environment', traces: 'process' });
        expect(inner.kafka).toEqual(outer.kafka);
      });
      expect(await setting(outer, 'max_connections')).toBe('300');
    });
  }, 60_000);

  test('use the trace store of another stack like a Jaeger', async () => {
    await withStack(local, async (outer) => {
      const named = {
        ...local,
        KAFKA_BROKERS: outer.kafka.brokers.join(','),
        POSTGRES_URL: outer.postgres.url,
        OTEL_EXPORTER_OTLP_ENDPOINT: outer.traces.otlp,
        JAEGER_QUERY_URL: outer.traces.query!,
      };
      const inner = await startBackingServices({ directory, progress: silent, env: named });
      expect(inner.traces.query).toBe(outer.traces.query);
      await inner.stop();
    });
  }, 60_000);

  test('advise in one sentence what to install if Java is missing', async () => {
    const fault = await faultOf({ ...local, PATH: '/nowhere', JAVA_HOME: '' });
    expect(fault).toBeInstanceOf(PrerequisiteError);
    expect(fault.message).toMatch(/^Kafka needs Java, but java does not run: install Java 17 or later .*\.$/);
  }, 30_000);

  test('name the variable in one sentence if a named service is unreachable', async () => {
    const fault = await faultOf({ ...local, KAFKA_BROKERS: '127.0.0.1:1' });
    expect(fault).toBeInstanceOf(PrerequisiteError);
    expect(fault.message).toMatch(/^KAFKA_BROKERS names 127\.0\.0\.1:1, but no Kafka answers there/);
  }, 30_000);

  test('report all wrong settings at once', async () => {
    const fault = await faultOf({
      TALLYSTICK_BACKING: 'cloud',
      KAFKA_BROKERS: 'here',
      POSTGRES_URL: 'http://x',
    });
    expect(fault).toBeInstanceOf(SettingError);
    expect(fault.message).toMatch(/TALLYSTICK_BACKING.*KAFKA_BROKERS.*POSTGRES_URL/);
  });
});

test('the sink answers in the form of Jaeger', async () => {
  await withStack(local, async ({ traces }) => {
    const span = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), name: 'pay', status: { code: 2 } };
    const times = { startTimeUnixNano: '1700000000000000000', endTimeUnixNano: '1700000000002500000' };
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'payment' } }] };
    const attributes = [{ key: 'count', value: { intValue: '3' } }];
    const response = await fetch(`${traces.otlp}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        resourceSpans: [{ resource, scopeSpans: [{ spans: [{ ...span, ...times, attributes }] }] }],
      }),
    });
    expect(response.status).toBe(200);
    const trace = await fetchTrace(traces.query ?? '', span.traceId);
    expect(trace?.spans).toMatchObject([
      { service: 'payment', name: 'pay', durationMicros: 2_500, error: true },
    ]);
    expect(await fetchTrace(traces.query ?? '', '00'.repeat(16))).toBeNull();
  });
}, 60_000);

async function faultOf(env: NodeJS.ProcessEnv): Promise<Error> {
  try {
    await withStack(env, async () => {});
  } catch (error) {
    if (types.isNativeError(error)) return error;
  }
  throw new Error('it started');
}

async function setting({ postgres }: BackingServices, name: string): Promise<string | undefined> {
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  try {
    const { rows } = await client.query<{ value: string }>('SELECT current_setting($1) AS value', [name]);
    return rows[0]?.value;
  } finally {
    await client.end();
  }
}

async function roundTrip(connection: KafkaConnection, value: string): Promise<string | undefined> {
  const kafka = new Kafka({ ...kafkaSecurity(connection), logLevel: logLevel.NOTHING });
  const [admin, producer] = [
    kafka.admin(),
    kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner }),
  ];
  const consumer = kafka.consumer({ groupId: 'stack-test' });
  await Promise.all([admin.connect(), producer.connect(), consumer.connect()]);
  try {
    await admin.createTopics({ topics: [{ topic: 'stack-test', numPartitions: 1 }] });
    await producer.send({ topic: 'stack-test', messages: [{ value }] });
    await consumer.subscribe({ topic: 'stack-test', fromBeginning: true });
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    await consumer.run({ eachMessage: async ({ message }) => resolve(message.value?.toString()) });
    return await promise;
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect(), consumer.disconnect()]);
  }
}
