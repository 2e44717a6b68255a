import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  contractTopics,
  operatorGroups,
  outcomesOf,
  quarantineOf,
  replayedTopics,
  replayGroupOf,
  services,
  topics,
} from '@tallystick/contracts';
import {
  ensureOutcomeTopics,
  kafkaSecurity,
  runAdminCommand,
  type KafkaConnection,
} from '@tallystick/messaging';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';

import { SettingError, startBackingServices, systemKafkaUsers, type BackingServices } from '../src/index.ts';
import { connectionOf } from '../src/kafka/kafka-connection.ts';
import { systemKafkaAccess } from '../src/system/seed.ts';
import { prepareKafka } from '../src/system/topics.ts';
import { Authority } from '../src/tls/authority.ts';

const directory = mkdtempSync(join(tmpdir(), 'stack-tls-test-'));
const env = { PATH: process.env['PATH'], JAVA_HOME: process.env['JAVA_HOME'], TALLYSTICK_BACKING: 'process' };
let backing: BackingServices;

/** Every topic of the system, and the quarantine of each that has one. */
const allTopics = [
  ...Object.entries(topics).flatMap(([name, { cleanup }]) =>
    cleanup === 'compacted' ? [name] : [name, quarantineOf(name)],
  ),
  ...['acme', 'bystander'].map(outcomesOf),
];

/** The expected read and write access to topics, as the ACLs from contracts grant it. */
const allowed: Record<string, { reads: string[]; writes: string[]; groups?: string }> = {
  auth: { reads: ['auth.keys.v1', 'auth.audit.v1'], writes: ['auth.keys.v1', 'auth.audit.v1'] },
  account: {
    reads: ['auth.keys.v1', 'account.commands.v1', 'account.events.v1', 'account.audit.v1'],
    writes: ['account.events.v1', 'account.audit.v1', 'account.commands.v1.quarantine'],
  },
  card: {
    reads: [
      'auth.keys.v1',
      'account.commands.v1',
      'account.events.v1',
      'card.commands.v1',
      'card.events.v1',
      'card.audit.v1',
    ],
    writes: [
      'card.events.v1',
      'card.audit.v1',
      'outcomes.v1.acme',
      'outcomes.v1.bystander',
      'account.commands.v1',
      'card.commands.v1.quarantine',
      'account.events.v1.quarantine',
    ],
  },
  payment: {
    reads: [
      'auth.keys.v1',
      'payment.commands.v1',
      'account.events.v1',
      'card.events.v1',
      // its own messages, for a replay after its database is restored to an earlier point
      'account.commands.v1',
      'card.commands.v1',
      'payment.audit.v1',
    ],
    writes: [
      'payment.audit.v1',
      'outcomes.v1.acme',
      'outcomes.v1.bystander',
      'account.commands.v1',
      'card.commands.v1',
      'payment.commands.v1.quarantine',
      'account.events.v1.quarantine',
      'card.events.v1.quarantine',
    ],
  },
  acme: {
    reads: ['auth.keys.v1', 'outcomes.v1.acme'],
    writes: ['payment.commands.v1', 'card.commands.v1'],
  },
  operator: {
    reads: ['auth.keys.v1', ...allTopics.filter((topic) => topic.endsWith('.quarantine'))],
    writes: [
      'account.commands.v1',
      'account.events.v1',
      'card.commands.v1',
      'card.events.v1',
      'payment.commands.v1',
    ],
    groups: operatorGroups,
  },
  bystander: { reads: ['auth.keys.v1', 'outcomes.v1.bystander'], writes: [] },
};

beforeAll(async () => {
  backing = await startBackingServices({
    directory,
    progress: () => {},
    traces: 'sink',
    env,
    tls: { kafkaUsers: systemKafkaUsers },
  });
  await prepareKafka(backing, '', systemKafkaAccess());
  // As the registrar does: only its service may.
  await ensureOutcomeTopics(clientOf(asUser('auth'), 10), '', ['acme', 'bystander']);
  const producer = clientOf(backing.kafka, 10).producer();
  await producer.connect();
  await producer.sendBatch({
    topicMessages: allTopics.map((topic) => ({ topic, messages: [{ key: 'there', value: 'to be read' }] })),
  });
  await producer.disconnect();
}, 90_000);

afterAll(async () => {
  await backing?.stop();
  rmSync(directory, { recursive: true, force: true });
}, 30_000);

describe('a Kafka with private transport', () => {
  test.each(Object.keys(allowed))(
    'lets %s read and write its own topics, and no other',
    async (user) => {
      const [readable, writable] = await Promise.all([readableBy(user), writableBy(user)]);
      const isOurs = [...services, 'operator'].includes(user);
      const reads = [...allowed[user]!.reads, ...(isOurs ? contractTopics : [])];
      const writes = [...allowed[user]!.writes, `${user}.contracts.v1`];
      expect(readable).toEqual(allTopics.filter((topic) => reads.includes(topic)));
      expect(writable).toEqual(allTopics.filter((topic) => writes.includes(topic)));
    },
    60_000,
  );

  test('keeps the consumer group of a service from every other user', async () => {
    const readAs = (group: string) => refusalOf(() => read(asUser('card'), 'account.events.v1', group));
    expect(await readAs('card')).toBeUndefined();
    expect(await readAs('payment')).toMatch(/GROUP_AUTHORIZATION_FAILED/);
  }, 30_000);

  test.each(services)(
    'lets %s replay its own messages in a separate group',
    async (service) => {
      for (const topic of replayedTopics(service)) {
        const group = `${replayGroupOf(service)}.1`;
        expect(await refusalOf(() => read(asUser(service), topic, group))).toBeUndefined();
      }
    },
    30_000,
  );

  test('accepts an operator’s command that runs in the environment of a service', async () => {
    // To a user without a right the broker reports that, rather than a missing topic.
    expect(
      await refusalOf(() =>
        runAdminCommand(['quarantine', 'card.commands.v1'], settingsOf('auth'), () => {}),
      ),
    ).toMatch(/AUTHORIZATION_FAILED/);
  }, 30_000);

  test('lets the operator list and release quarantined messages', async () => {
    const lines: string[] = [];
    const run = (...args: string[]) =>
      runAdminCommand(args, settingsOf('operator'), (line) => lines.push(line));
    await run('quarantine', 'card.commands.v1');
    expect(lines.map((line) => (JSON.parse(line) as { key: string }).key)).toContain('there');
    lines.length = 0;
    await run('release', 'card.commands.v1', '--offset', '0');
    expect(lines).toEqual([JSON.stringify({ released: 1 })]);
  }, 30_000);

  test('lets only auth revoke a registrar', async () => {
    const claims = { role: 'registrar', cnf: { jwk: { kty: 'OKP', crv: 'Ed25519', x: 'AA' } } };
    const [header, payload] = [{}, claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    const publish = (user: string) =>
      refusalOf(() =>
        runAdminCommand(
          ['publish-certificate'],
          settingsOf(user),
          () => {},
          async () => `${header}.${payload}.AA`,
        ),
      );
    expect(await publish('auth')).toBeUndefined();
    expect(await publish('operator')).toMatch(/AUTHORIZATION_FAILED/);
  }, 30_000);

  test('lets only the stack create and delete topics, but the registrar those of outcomes', async () => {
    const admin = clientOf(asUser('payment')).admin();
    await admin.connect();
    expect(
      await refusalOf(() => admin.createTopics({ topics: [{ topic: 'smuggled', numPartitions: 1 }] })),
    ).toMatch(/AUTHORIZATION_FAILED/);
    const outcomes = { topic: outcomesOf('smuggled'), numPartitions: 1 };
    expect(await refusalOf(() => admin.createTopics({ topics: [outcomes] }))).toMatch(/AUTHORIZATION_FAILED/);
    expect(await refusalOf(() => admin.deleteTopics({ topics: ['card.events.v1'] }))).toMatch(
      /AUTHORIZATION_FAILED/,
    );
    await admin.disconnect();
  }, 30_000);

  test('refuses a wrong password, an unknown user, no user at all and plain text', async () => {
    const [brokers, caFile] = [backing.kafka.brokers, backing.kafka.caFile];
    const passwordFile = join(directory, 'guessed');
    writeFileSync(passwordFile, 'guessed');
    for (const username of ['payment', 'nobody'])
      expect(await describeFault({ brokers, caFile, password: { username, passwordFile } })).toMatch(
        /Authentication failed/,
      );
    expect(await describeFault({ brokers, caFile })).toBeDefined();
    expect(await describeFault({ brokers })).toBeDefined();
  }, 30_000);

  test('is not trusted if its certificate comes from another authority', async () => {
    const stranger = await Authority.create(join(directory, 'stranger'), Date.now());
    expect(await describeFault({ ...backing.kafka, caFile: stranger.caFile })).toMatch(/unable to verify/);
  });

  test('accepts a replaced password', async () => {
    const passwordFile = join(directory, 'rotated');
    writeFileSync(passwordFile, 'not yet');
    const kafka = clientOf({ ...asUser('payment'), password: { username: 'payment', passwordFile } });
    expect(await refusalOf(() => kafka.admin().connect())).toMatch(/Authentication failed/);
    writeFileSync(passwordFile, backing.security!.kafkaUsers.get('payment')!.password);
    const admin = kafka.admin();
    await admin.connect();
    await admin.disconnect();
  });
});

describe('a Postgres with private transport', () => {
  test('uses TLS 1.3', async () => {
    const client = new pg.Client({ connectionString: backing.postgres.url });
    await client.connect();
    const { rows } = await client.query<{ ssl: boolean; version: string }>(
      'SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
    );
    await client.end();
    expect(rows).toEqual([{ ssl: true, version: 'TLSv1.3' }]);
  });

  test('refuses plain text', async () => {
    const url = new URL(backing.postgres.url);
    url.search = '';
    const client = new pg.Client({ connectionString: url.href });
    await expect(client.connect()).rejects.toThrow(/no encryption/);
  });

  test('is not trusted if its certificate comes from another authority', async () => {
    const stranger = await Authority.create(join(directory, 'stranger-postgres'), Date.now());
    const url = new URL(backing.postgres.url);
    url.searchParams.set('sslrootcert', stranger.caFile);
    const client = new pg.Client({ connectionString: url.href });
    await expect(client.connect()).rejects.toThrow(/unable to verify/);
  });
});

test('refuses private transport for services that the environment names', async () => {
  const fault = await startBackingServices({
    directory,
    progress: () => {},
    env: { ...env, KAFKA_BROKERS: '127.0.0.1:1', POSTGRES_URL: 'postgres://u:p@127.0.0.1:1/postgres' },
    tls: { kafkaUsers: [] },
  }).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(fault).toBeInstanceOf(SettingError);
  expect((fault as Error).message).toBe(
    '--tls starts its own Kafka and Postgres: unset KAFKA_BROKERS and POSTGRES_URL',
  );
});

/** The environment of a program that an operator runs as a user. */
function settingsOf(user: string): Record<string, string | undefined> {
  const { brokers, caFile, password } = asUser(user);
  return {
    KAFKA_BROKERS: brokers.join(','),
    KAFKA_CA_FILE: caFile,
    KAFKA_USERNAME: password!.username,
    KAFKA_PASSWORD_FILE: password!.passwordFile,
    POSTGRES_URL: backing.postgres.url,
  };
}

function asUser(user: string): KafkaConnection {
  return connectionOf(backing.kafka.brokers, backing.security, user);
}

function clientOf(connection: KafkaConnection, retries = 0): Kafka {
  return new Kafka({
    ...kafkaSecurity(connection),
    clientId: 'tls-test',
    logLevel: logLevel.NOTHING,
    connectionTimeout: 2_000,
    retry: { retries },
  });
}

/** Returns the topics that a user can write a record to. */
async function writableBy(user: string): Promise<string[]> {
  const producer = clientOf(asUser(user)).producer();
  await producer.connect();
  const writable: string[] = [];
  for (const topic of allTopics) {
    const refusal = await refusalOf(() => producer.send({ topic, messages: [{ key: 'by', value: user }] }));
    if (refusal === undefined) writable.push(topic);
    else expect(refusal).toBe('TOPIC_AUTHORIZATION_FAILED');
  }
  await producer.disconnect();
  return writable;
}

/** Returns the topics from which a user receives records. */
async function readableBy(user: string): Promise<string[]> {
  const readable: string[] = [];
  const groups = allowed[user]!.groups ?? `${user}.keys.`;
  for (const [at, topic] of allTopics.entries()) {
    const refusal = await refusalOf(() => read(asUser(user), topic, groups + at));
    if (refusal === undefined) readable.push(topic);
    else expect(refusal).toBe('TOPIC_AUTHORIZATION_FAILED');
  }
  return readable;
}

async function read(connection: KafkaConnection, topic: string, groupId: string): Promise<void> {
  const consumer = clientOf(connection).consumer({ groupId, maxWaitTimeInMs: 100 });
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload: { error } }) => reject(error));
      consumer.run({ autoCommit: false, eachMessage: async () => resolve() }).catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
}

/** Returns the broker's error code for a refusal, or the error's message; `undefined` on success. */
async function refusalOf(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}

function codeOf(error: unknown): string {
  const { type, cause, errors, message } = error as {
    type?: string;
    cause?: unknown;
    errors?: unknown[];
    message: string;
  };
  const inner = cause ?? errors?.[0];
  return type ?? (inner === undefined ? message : codeOf(inner));
}

/** Returns the error, if any, of a client that queries such a broker. */
async function describeFault(connection: KafkaConnection): Promise<string | undefined> {
  const admin = clientOf(connection).admin();
  try {
    return await refusalOf(async () => {
      await admin.connect();
      await admin.describeCluster();
    });
  } finally {
    await admin.disconnect();
  }
}
