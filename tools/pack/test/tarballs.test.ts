import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { importDpopKey, thumbprintOf, type SignedRequest } from '@tallystick/client';
import { newId, operations } from '@tallystick/contracts';
import {
  eventually,
  newKey,
  readTopic,
  startWorld,
  type TopicReader,
  type World,
} from '@tallystick/messaging/testing';
import { Producer, type ProducerOptions } from '@tallystick/producer';
import { open, verifyProof } from '@tallystick/security';
import { ROOT } from '../src/packages.ts';
import { run } from '../src/run.ts';
import { installOutside, type OutsideProject } from './outside-project.ts';

/** Two builds, two installations and the starts of compilers, on a busy machine. */
const PACK_TIMEOUT_MS = 600_000;
jest.setTimeout(120_000);
const TOPIC = 'payment.commands.v1';
const PRODUCER_ID = 'globex';

let client: OutsideProject;
let producer: OutsideProject;
let world: World;
let orders: TopicReader;
/** The options of the producer, as JSON. */
let options: ProducerOptions;
/** Follows the keys of the system, as the service that opens the orders does. */
let follower: Producer;
beforeAll(async () => {
  // In turn: both compile the same packages.
  client = await installOutside('client');
  producer = await installOutside('producer');
  world = await startWorld();
  const key = await newKey();
  await world.certify(key, { sub: PRODUCER_ID, permissions: [{ topic: TOPIC, types: ['payment.create'] }] });
  orders = await readTopic(world.kafka, world.topicPrefix + TOPIC);
  options = {
    kafka: { brokers: world.brokers },
    producerId: PRODUCER_ID,
    privateJwk: key.privateJwk as ProducerOptions['privateJwk'],
    trustAnchors: world.trustAnchors,
    topicPrefix: world.topicPrefix,
    readsOutcomes: false,
  };
  follower = await Producer.connect(options);
}, PACK_TIMEOUT_MS);
afterAll(async () => {
  await Promise.all([orders.stop(), follower.close()]);
  await world.stop();
  await Promise.all([client.remove(), producer.remove()]);
});

const origin = 'https://account.example';
const body = '{"currency":"EUR"}';
const token = 'an-access-token';
/** The rest of a program that prints a signed request with the private key of its proof. */
const signs = `
(async () => {
  const key = await generateDpopKey('Ed25519', { extractable: true });
  const parts = { origin: '${origin}', body: '${body}', idempotencyKey: 'order-1' };
  const request = await signRequest(operations.accountOpen, parts, { token: '${token}', key });
  const jwk = await crypto.subtle.exportKey('jwk', key.privateKey);
  console.log(JSON.stringify({ request, jwk }));
})();
`;
const namesOfClient = '{ generateDpopKey, operations, signRequest }';

describe('the tarball of the client', () => {
  test.each([
    ['an ES module', 'program.mjs', `import ${namesOfClient} from '@tallystick/client';${signs}`],
    ['a CommonJS module', 'program.cjs', `const ${namesOfClient} = require('@tallystick/client');${signs}`],
  ])('signs a request in %s, as a service accepts it', async (_what, file, source) => {
    const told = JSON.parse(await client.runs(file, source)) as {
      request: SignedRequest;
      jwk: Parameters<typeof importDpopKey>[0];
    };
    const { url, method, headers } = told.request;
    const proof = await verifyProof(headers['DPoP']!, {
      method,
      url: origin + operations.accountOpen.path,
      accessToken: token,
      keyThumbprint: await thumbprintOf(await importDpopKey(told.jwk)),
      body,
      atMs: Date.now(),
      ageMaxS: 60,
    });
    expect(proof.url).toBe(url);
    expect(headers).toMatchObject({ Authorization: `DPoP ${token}`, 'Idempotency-Key': 'order-1' });
  });

  test('has types that refuse a wrong call', async () => {
    const complaints = await client.compile([
      `import { Client, operations } from '@tallystick/client';
       declare const client: Client;
       await client.call(operations.getPayment, {});
       await client.call(operations.accountOpen, { body: { currency: 'XYZ' } });
       for await (const amount of client.list(operations.listPayments)) amount.amountMinor satisfies number;`,
    ]);
    expect(complaints).toMatch(/source-0\.ts\(3,.*params/s);
    expect(complaints).toMatch(/source-0\.ts\(4,.*"XYZ"/s);
    expect(complaints).toMatch(/source-0\.ts\(5,.*bigint.*number/s);
  });

  test('names no workspace of this repository, and needs no build', async () => {
    const installed = join(client.directory, 'node_modules/@tallystick/client');
    const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as object;
    expect(manifest).toMatchObject({ dependencies: { zod: expect.any(String) } });
    expect(manifest).not.toHaveProperty('scripts');
    const files = await Promise.all(
      ['index.js', 'index.cjs', 'index.d.ts'].map((file) => readFile(join(installed, file), 'utf8')),
    );
    for (const text of files) expect(text).not.toMatch(/(from|require\()\s*["'](@tallystick\/|node:)/);
  });
});

const namesOfProducer = '{ importSigningKey, messages, newId, Producer, seal }';
/** The rest of a program that seals an order, publishes another one, and prints both. */
const publishes = `
(async () => {
  const { options, order } = JSON.parse(process.argv[2]);
  const data = { ...order, amountMinor: BigInt(order.amountMinor) };
  const sealed = await seal(messages.paymentCreate, { ...data, paymentId: newId('pay') }, {
    issuer: options.producerId,
    signingKey: await importSigningKey(options.privateJwk),
    topic: options.topicPrefix + messages.paymentCreate.topic,
    nowMs: Date.now(),
  });
  const producer = await Producer.connect(options);
  const published = await producer.publish(messages.paymentCreate, data);
  await producer.close();
  console.log(JSON.stringify({ sealed: { key: sealed.key, value: sealed.value }, published }));
})();
`;

const orderOf = () => ({
  paymentId: newId('pay'),
  source: { kind: 'account', accountId: newId('acc') },
  payee: { kind: 'account', accountId: newId('acc') },
  amountMinor: 1_250,
  currency: 'EUR',
  capture: 'automatic',
  capturedBy: 'initiator',
  endToEndId: 'INVOICE-1',
});

describe('the tarball of the producer', () => {
  test.each([
    ['an ES module', 'program.mjs', `import ${namesOfProducer} from '@tallystick/producer';${publishes}`],
    [
      'a CommonJS module',
      'program.cjs',
      `const ${namesOfProducer} = require('@tallystick/producer');${publishes}`,
    ],
  ])('seals and publishes orders in %s, without a native module', async (_what, file, source) => {
    expect(existsSync(join(producer.directory, 'node_modules/sodium-native'))).toBe(false);
    expect(existsSync(join(producer.directory, 'node_modules/@node-rs/crc32'))).toBe(false);
    const order = orderOf();
    const output = await producer.runs(file, source, { options, order });
    const { sealed, published } = JSON.parse(output.trim().split('\n').at(-1)!) as Record<
      'sealed' | 'published',
      { key: string; value: string }
    >;
    const record = await eventually(() => orders.messages.find(({ key }) => String(key) === order.paymentId));
    expect(String(record.value)).toBe(published.value);
    for (const { key, value } of [sealed, published]) {
      const opened = await open(
        { topic: world.topicPrefix + TOPIC, key, value: Buffer.from(value) },
        { keyring: follower.keyring, nowMs: Date.now(), topicPrefix: world.topicPrefix, decryptionKeys: [] },
      );
      expect(opened).toMatchObject({
        ok: true,
        message: { data: { ...order, paymentId: key, amountMinor: 1_250n }, claims: { iss: PRODUCER_ID } },
      });
    }
  });
});

describe.each([
  ['client', {}],
  ['producer', { lib: ['es2024'], types: ['node'], typeRoots: [join(ROOT, 'node_modules', '@types')] }],
] as const)('the tarball of the %s', (name, compilerOptions) => {
  const projectOf = (): OutsideProject => (name === 'client' ? client : producer);

  test('compiles the examples of its README', async () => {
    const { directory, compile } = projectOf();
    const readme = await readFile(join(directory, 'node_modules/@tallystick', name, 'README.md'), 'utf8');
    const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code!);
    expect(examples.length).toBeGreaterThan(0);
    expect(await compile(examples, compilerOptions)).toBe('');
  });

  test('is in order for publint and for Are the types wrong?', async () => {
    const { tarball } = projectOf();
    expect(await run('publint', ['run', tarball, '--strict'], ROOT)).toContain('All good!');
    expect(await run('attw', [tarball], ROOT)).toContain('No problems found');
  });
});
