import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ConfigurationError } from '@tallystick/config';
import { messages, newJti, type EnvelopeClaims, type ServiceName } from '@tallystick/contracts';
import { contractsOf, encodeContracts, type DeclaredContracts } from '@tallystick/interfaces';
import { createKafka } from '@tallystick/messaging';
import { eventually, newKey } from '@tallystick/messaging/testing';
import type { TestDatabase } from '@tallystick/postgres/testing';
import { seal, type SigningKey } from '@tallystick/security';
import { createLogger } from '@tallystick/telemetry';

import { openService, type ServiceParts } from '../src/index.ts';
import { canDeploy, type DeployVerdict } from '../src/registry/can-deploy.ts';
import { UndeclaredMessages } from '../src/registry/undeclared-messages.ts';
import { startServiceWorld, type ServiceWorld } from './service-world.ts';

const declared = {
  card: messages.cardContractsDeclared,
  payment: messages.paymentContractsDeclared,
} as const;

let world: ServiceWorld;
let database: TestDatabase;
let account: ServiceParts;
const keys = {} as Record<'card' | 'payment', SigningKey>;
beforeAll(async () => {
  world = await startServiceWorld();
  for (const service of ['card', 'payment'] as const) {
    keys[service] = await newKey();
    const { topic, type } = declared[service];
    await world.certify(keys[service], { sub: service, permissions: [{ topic, types: [type] }] });
  }
  database = await world.newDatabase();
  account = await openService('account', await world.settingsFor(database.url), { schema: world.schema });
  await account.replay({ topics: [], apply: async () => {} });
});
afterAll(async () => {
  await account.stop();
  await database.close();
  await world.stop();
});

const asked = (
  candidate: DeclaredContracts,
  env: Record<string, string> = world.environment,
): Promise<DeployVerdict> => canDeploy(candidate, { program: 'account', env, nowMs: Date.now() });

/** Declares the contracts of a release as its service does, signed with a key. */
async function declare(
  service: 'card' | 'payment',
  contracts: DeclaredContracts,
  signingKey = keys[service],
  atMs = Date.now(),
): Promise<void> {
  const definition = declared[service];
  const data = { service, ...encodeContracts(contracts), declaredAt: new Date(atMs).toISOString() };
  const topic = world.topicPrefix + definition.topic;
  const { key, value } = await seal(definition, data, {
    issuer: service,
    signingKey,
    topic,
    nowMs: Date.now(),
  });
  await world.publisher.publish([
    { id: newJti(), topic, key: Buffer.from(key), value: Buffer.from(value), headers: {} },
  ]);
}

/** The contracts of a service whose command to the ledger has a field that the ledger refuses. */
function withStrangeCommand(service: ServiceName): DeclaredContracts {
  const contracts = structuredClone(contractsOf(service));
  const { data } = contracts.messages['account.hold.place@1']!;
  Object.assign(data['properties'] as object, { purpose: { type: 'string' } });
  return contracts;
}

/** Does something while a process of a service is a member of its consumer group. */
async function whileMember<T>(service: ServiceName, clientId: string, work: () => Promise<T>): Promise<T> {
  const kafka = createKafka({ brokers: world.brokers, clientId, logger: world.logger });
  const consumer = kafka.consumer({ groupId: world.topicPrefix + service });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  try {
    await consumer.connect();
    await consumer.subscribe({ topic: `${world.topicPrefix}account.events.v1` });
    await consumer.run({ eachMessage: async () => {} });
    await joined;
    return await work();
  } finally {
    await consumer.disconnect();
  }
}

describe('a service that starts', () => {
  test('declares its contracts, and may be started again', async () => {
    const contracts = contractsOf('account');
    await eventually(async () => (await asked(contracts)).beside.length > 0);
    expect(await asked(contracts)).toMatchObject({
      service: 'account',
      canDeploy: true,
      runsAlready: true,
      beside: [{ service: 'account', releaseId: encodeContracts(contracts).releaseId }],
    });
  });
});

describe('a release', () => {
  test('may go live beside releases that understand it', async () => {
    expect(await asked(contractsOf('payment'))).toMatchObject({
      canDeploy: true,
      runsAlready: false,
      conflicts: [],
      unknown: [],
    });
  });

  test('may not go live beside a release that refuses its command, and names who is hurt', async () => {
    expect(await asked(withStrangeCommand('payment'))).toMatchObject({
      canDeploy: false,
      conflicts: [
        {
          interface: 'message account.hold.place',
          field: '/data/purpose',
          kind: 'message.not_read',
          hurts: 'this release of payment',
        },
      ],
    });
  });

  test('is compared with the newest release of a service that does not run', async () => {
    const now = Date.now();
    await declare('card', withStrangeCommand('card'), keys.card, now - 60_000);
    await declare('card', contractsOf('card'), keys.card, now);
    expect(await asked(contractsOf('payment'))).toMatchObject({ canDeploy: true });
  });

  test('is compared with each release that runs, also an older one', async () => {
    const older = withStrangeCommand('card');
    await declare('card', older, keys.card, Date.now() - 60_000);
    const clientId = `card.${encodeContracts(older).releaseId}`;
    const changed = structuredClone(contractsOf('account'));
    const verdict = await whileMember('card', clientId, () => asked({ ...changed, operations: {} }));
    expect(verdict.beside.map(({ releaseId }) => releaseId)).toContain(encodeContracts(older).releaseId);
    expect(verdict.conflicts).toContainEqual(
      expect.objectContaining({ field: '/data/purpose', hurts: expect.stringMatching(/^card, release /) }),
    );
  });

  test('may not go live beside a release that declared nothing', async () => {
    expect(await whileMember('card', 'card', () => asked(contractsOf('payment')))).toMatchObject({
      canDeploy: false,
      unknown: ['a running card declared no contracts'],
    });
  });

  test('is not compared with contracts that somebody else signed', async () => {
    await declare('payment', withStrangeCommand('payment'), await newKey());
    await declare('payment', withStrangeCommand('payment'), keys.card);
    const { beside } = await asked(contractsOf('card'));
    expect(beside.map(({ service }) => service)).toEqual(['account', 'card']);
  });

  test('may not go live if nothing counts for its root keys', async () => {
    const other = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
    const path = join(world.directory, 'other-anchors.json');
    await writeFile(path, JSON.stringify({ keys: [{ ...other, alg: 'EdDSA' }] }));
    const refused = asked(contractsOf('payment'), { ...world.environment, TRUST_ANCHORS_FILE: path });
    await expect(refused).rejects.toThrow(ConfigurationError);
    await expect(refused).rejects.toThrow(/has no snapshot that counts/);
  });

  test('may not go live if settings are missing, and names them', async () => {
    await expect(asked(contractsOf('payment'), {})).rejects.toThrow(/KAFKA_BROKERS[^]*TRUST_ANCHORS_FILE/);
  });
});

describe('a message of a service', () => {
  const opened = { iss: 'account', type: 'account.opened', version: 1 } satisfies Partial<EnvelopeClaims>;

  /** Notes messages until all of them were looked up. @returns those that were reported */
  async function reportedOf(...sent: (typeof opened)[]): Promise<unknown[]> {
    const reported: unknown[] = [];
    const logger = createLogger({ service: 'test', level: 'silent', confidentialFields: [] });
    logger.warn = ((line: unknown) => reported.push(line)) as typeof logger.warn;
    let reads = 0;
    const watch = new UndeclaredMessages({
      read: async () => {
        const found = await account.messaging.declarations();
        reads += 1;
        return found;
      },
      logger,
      intervalMs: 10,
    });
    for (const one of sent) watch.note(one);
    await eventually(() => reads > 0);
    await watch.stop();
    return reported;
  }

  test('is not reported if its sender declared it', async () => {
    expect(await reportedOf(opened, opened)).toEqual([]);
  });

  test('is reported once if no release of its sender declared its type, version or itself', async () => {
    const later = { ...opened, version: 9 };
    const strange = { ...opened, iss: 'auth' };
    expect(await reportedOf(later, opened, strange, later)).toEqual([
      { type: 'account.opened', version: 9, by: 'account' },
      { type: 'account.opened', version: 1, by: 'auth' },
    ]);
  });

  test('of a third party is not looked up: it declares nothing', async () => {
    expect(await reportedOf({ ...opened, iss: 'acme' }, { ...opened, version: 9 })).toHaveLength(1);
  });
});
