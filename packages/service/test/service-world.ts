import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newKey, startWorld, writeKey, type World } from '@tallystick/messaging/testing';
import type { MigrationSource } from '@tallystick/postgres';
import { openTestDatabase, type TestDatabase } from '@tallystick/postgres/testing';
import { readEnvironment } from '@tallystick/config';

import { environmentOf, resourceServerEnvironment, type ResourceServerSettings } from '../src/index.ts';
import { writeSchema } from './write-schema.ts';

/** Kafka with the keys of the account service, and a directory for setting files. */
export interface ServiceWorld extends World {
  directory: string;
  /** The migrations of a service with one table. */
  schema: MigrationSource;
  /** An empty database. */
  newDatabase(): Promise<TestDatabase>;
  /** The environment of the account service without its database. */
  environment: Record<string, string>;
  /** Builds the settings of the account service for a database. */
  settingsFor(url: string, changes?: Record<string, string>): Promise<ResourceServerSettings>;
}

export async function startServiceWorld(): Promise<ServiceWorld> {
  const world = await startWorld();
  const directory = await mkdtemp(join(tmpdir(), 'tallystick-service-'));
  const schema = await writeSchema(directory);
  const [signingKeyFile, anchorsFile] = ['signing.json', 'anchors.json'].map((name) =>
    join(directory, name),
  ) as [string, string];
  const key = await newKey();
  await writeKey(signingKeyFile, key);
  await writeFile(anchorsFile, JSON.stringify({ keys: world.trustAnchors }));
  await world.certify(key, {
    sub: 'account',
    permissions: [
      { topic: 'account.events.v1', types: ['account.opened'] },
      { topic: 'account.contracts.v1', types: ['account.contracts.declared'] },
    ],
  });
  const environment = {
    PORT: '0',
    PUBLIC_URL: 'https://account.example',
    ISSUER: 'https://auth.example',
    KAFKA_BROKERS: world.brokers.join(','),
    TOPIC_PREFIX: world.topicPrefix,
    SIGNING_KEY_FILE: signingKeyFile,
    TRUST_ANCHORS_FILE: anchorsFile,
    LOG_LEVEL: 'silent',
  };
  return {
    ...world,
    environment,
    directory,
    schema,
    newDatabase: () => openTestDatabase(),
    settingsFor: (url, changes) =>
      readEnvironment(environmentOf(resourceServerEnvironment), {
        ...environment,
        POSTGRES_URL: url,
        ...changes,
      }),
    async stop() {
      await world.stop();
      await rm(directory, { recursive: true });
    },
  };
}
