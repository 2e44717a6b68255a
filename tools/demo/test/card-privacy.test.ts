import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { messages, newId, newJti, operations, type MessageDefinition } from '@tallystick/contracts';
import { createPool } from '@tallystick/postgres';
import { THIRD_PARTY } from '@tallystick/stack';
import * as z from 'zod';
import { askProducer } from '../src/ask-producer.ts';
import { attackKeys, order, sealAs, topicOf, type AttackKeys } from '../src/hostile/attack.ts';
import { grantMandate } from '../src/story/accounts.ts';
import type { World } from '../src/world.ts';
import { dumpDatabases, dumpTopics, type Dumped } from './privacy/dump.ts';
import { forms, inventNumber, numbersIn } from './privacy/forms.ts';
import { startTelemetryReceiver, type TelemetryReceiver } from './privacy/telemetry-receiver.ts';
import { eventually, startWholeSystem, type RunningSystem } from './system.ts';

const TIMEOUT_MS = 120_000;
const CARDS = 3;
const PAYMENT_COMMANDS = 'payment.commands.v1';
const CARD_COMMANDS = 'card.commands.v1';

let running: RunningSystem;
let world: World;
let keys: AttackKeys;
let telemetry: TelemetryReceiver;
/** The numbers of the run: those of its cards, and those that somebody sent by mistake. */
const numbers: string[] = [];
/** The records of mistakes, as their senders wrote them: they stay on their topic, which nobody can prevent. */
const mistakes: Buffer[] = [];

beforeAll(async () => {
  telemetry = await startTelemetryReceiver();
  running = await startWholeSystem({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: telemetry.url,
      OTEL_METRICS_EXPORTER: 'otlp',
      TRACES_PER_SECOND: '10000',
      LOG_LEVEL: 'trace',
    },
  });
  world = running.world;
  keys = await attackKeys(world);
  await grantMandate(world);
}, TIMEOUT_MS);

afterAll(async () => {
  await running.stop();
  await telemetry.stop();
}, TIMEOUT_MS);

/** Dumps everything that the system kept or sent. */
async function dumpAll(): Promise<Dumped[]> {
  const [rows, records] = await Promise.all([dumpDatabases(world.stack), dumpTopics(world.stack)]);
  const folder = running.backing.logDirectory;
  return [
    ...rows,
    ...records,
    ...readdirSync(folder).map((name) => ({ place: `log ${name}`, bytes: readFileSync(join(folder, name)) })),
    ...telemetry.received.map(({ path, body }) => ({ place: path, bytes: body })),
  ];
}

/** Whether it is a mistake as its sender wrote it, on the topic to which it was sent. */
const isMistake = ({ place, bytes }: Dumped): boolean =>
  [PAYMENT_COMMANDS, CARD_COMMANDS].some((topic) => place.startsWith(`${topicOf(world, topic)}: `)) &&
  mistakes.some((one) => one.equals(bytes));

/** The places that hold each number, as `number: place`. */
const findingsIn = (dumped: readonly Dumped[], wanted: readonly string[]): string[] => [
  ...new Set(
    dumped.flatMap(({ place, bytes }) => numbersIn(bytes, wanted).map((number) => `${number}: ${place}`)),
  ),
];

async function issueAndPay(): Promise<string> {
  const limits = { perPaymentMinor: 500n, perDayMinor: 1_000n, perMonthMinor: 1_000n };
  const request = {
    body: { accountId: world.customerAccountId, currency: 'EUR' as const, limits },
    idempotencyKey: randomUUID(),
  };
  const { body: card } = await world.customer.call(operations.cardIssue, request);
  const repeated = await world.customer.call(operations.cardIssue, request);
  expect(repeated).toMatchObject({ isReplay: true, body: card });
  const params = { cardId: card.cardId };
  await eventually(
    () => world.customer.call(operations.cardGet, { params }),
    ({ body }) => body.status === 'active',
  );
  const { body: payment } = await world.customer.call(operations.createPayment, {
    body: {
      source: { kind: 'card', cardId: card.cardId },
      payee: { kind: 'account', accountId: world.merchantAccountId },
      amountMinor: 100n,
      currency: 'EUR',
      capture: 'automatic',
      capturedBy: 'payee',
      endToEndId: `PRIVACY-${randomUUID().slice(0, 20)}`,
    },
    waitS: 15,
  });
  expect(payment.status).toBe('captured');
  await world.customer.call(operations.authorizationList, { params });
  return card.number!;
}

/** A message that its honest sender would not seal: with a field that its contract does not have. */
const unchecked = (definition: MessageDefinition): MessageDefinition => ({
  ...definition,
  versions: { [definition.version]: { since: '2026-11-01', data: z.any() } },
});

/** Publishes a record by mistake. @returns when it is in quarantine */
async function mistake(
  topic: string,
  key: string,
  value: Buffer | string,
  headers: Record<string, string> = {},
): Promise<void> {
  const bytes = Buffer.from(value);
  mistakes.push(bytes);
  if (/^\d/.test(key)) mistakes.push(Buffer.from(key));
  if (Object.keys(headers).length > 0) mistakes.push(Buffer.from(JSON.stringify(headers)));
  const id = newJti();
  await world.watch.publisher.publish([
    { id, topic: topicOf(world, topic), key: Buffer.from(key), value: bytes, headers },
  ]);
  await world.watch.events.nextQuarantined(
    (one) =>
      one.topic === topicOf(world, `${topic}.quarantine`) &&
      (one.key === key || one.key === '*'.repeat(key.length)),
    15_000,
  );
}

describe('the number of a card', () => {
  test('is in no table, topic, log, span and metric of a whole run with every kind of mistake', async () => {
    numbers.push(...(await Promise.all(Array.from({ length: CARDS }, issueAndPay))));
    const [first, second, third] = numbers as [string, string, string];
    const unknown = inventNumber('99990001');
    numbers.push(unknown);
    const answers = await askProducer(
      world.stack,
      THIRD_PARTY,
      [first, second, unknown].map((number) => ({
        type: 'card.tokenize',
        data: { tokenizationId: newId('tok'), number },
      })),
    );
    expect(answers.map(({ event }) => event.type)).toEqual([
      'card.tokenized',
      'card.tokenized',
      'card.tokenize_rejected',
    ]);

    // Junk, in each form, at its beginning and at the cut.
    for (const form of Object.values(forms).filter((one) => one !== forms['reversed']))
      await mistake(PAYMENT_COMMANDS, newId('pay'), form(third));
    await mistake(PAYMENT_COMMANDS, newId('pay'), `{"junk":"${'.'.repeat(4_079)}${first}"}`.repeat(2));
    // A key, a header, a wrong field, the name of a field.
    await mistake(PAYMENT_COMMANDS, first, 'junk');
    await mistake(PAYMENT_COMMANDS, newId('pay'), 'junk', { 'x-card': second });
    const seal = (definition: MessageDefinition, data: object) =>
      sealAs(world, 'acme', keys.acme, unchecked(definition), data);
    const wire = { ...order(world), amountMinor: 900 };
    for (const data of [
      { ...wire, number: first },
      { ...wire, paymentId: newId('pay'), [second]: true },
      { ...wire, paymentId: newId('pay'), source: { kind: 'card', cardId: third } },
    ]) {
      const { key, value } = await seal(messages.paymentCreate as unknown as MessageDefinition, data);
      await mistake(PAYMENT_COMMANDS, key, value);
    }
    // A confidential command that was not encrypted, by a party that may send it and by one that may not.
    for (const [issuer, signingKey] of [
      ['acme', keys.acme],
      ['bystander', keys.bystander],
    ] as const) {
      const data = { tokenizationId: newId('tok'), number: unknown };
      const definition = unchecked({ ...messages.cardTokenize, classification: 'internal' } as never);
      const { key, value } = await sealAs(world, issuer, signingKey, definition, data);
      await mistake(CARD_COMMANDS, key, value);
    }
    // Over HTTP: a wrong field, the name of a field, a path, a query.
    const body = { source: { kind: 'card', cardId: first }, number: second, [third]: 1 };
    await world.customer.request(operations.createPayment, JSON.stringify(body));
    await world.customer.request(operations.cardGet, undefined, { params: { cardId: first } });
    await world.customer.request(operations.authorizationList, undefined, {
      params: { cardId: newId('crd') },
      query: { limit: second },
    });

    // The services export their last spans and metrics as they stop.
    await Promise.all(Object.values(running.system.processes).map((process) => process.stop()));
    const dumped = await dumpAll();
    const placesOf = (start: string): Dumped[] => dumped.filter(({ place }) => place.startsWith(start));
    for (const start of [
      'card: public.card',
      'payment: ',
      'account: ',
      'auth: ',
      'log card',
      '/v1/traces',
      '/v1/metrics',
    ])
      expect(placesOf(start).length).toBeGreaterThan(0);
    for (const topic of [PAYMENT_COMMANDS, CARD_COMMANDS, `${PAYMENT_COMMANDS}.quarantine`])
      expect(placesOf(topicOf(world, topic)).length).toBeGreaterThan(0);
    // The mistakes arrived, and nothing of them went further.
    const sent = findingsIn(dumped.filter(isMistake), numbers).join('\n');
    for (const part of ['key', 'value', 'headers'])
      expect(sent).toContain(`${topicOf(world, PAYMENT_COMMANDS)}: ${part}`);
    expect(
      findingsIn(
        dumped.filter((one) => !isMistake(one)),
        numbers,
      ),
    ).toEqual([]);
  }, 240_000);

  test('would be found in each form in each of these places', async () => {
    const pool = createPool({ url: world.stack.postgres.card!, applicationName: 'plant' });
    await pool.query('CREATE TABLE "planted here" (content bytea)');
    const topic = topicOf(world, `${PAYMENT_COMMANDS}.quarantine`);
    const planted = Object.entries(forms).map(([name, form]) => {
      const number = inventNumber('99990002');
      return { name, number, bytes: form(number) };
    });
    const folder = running.backing.logDirectory;
    for (const { name, bytes } of planted) {
      writeFileSync(join(folder, `planted ${name}`), bytes);
      telemetry.received.push({ path: '/v1/traces', body: bytes });
    }
    await pool.query('INSERT INTO "planted here" SELECT unnest($1::bytea[])', [
      planted.map(({ bytes }) => bytes),
    ]);
    await pool.end();
    const record = { topic, key: null, headers: {} };
    await world.watch.publisher.publish(
      planted.map(({ bytes }) => ({ ...record, id: newJti(), value: bytes })),
    );
    const wanted = planted.map(({ number }) => number);
    const found = findingsIn(await dumpAll(), wanted);
    const expected = planted.flatMap(({ name, number }) =>
      ['card: public."planted here"', `${topic}: value`, `log planted ${name}`, '/v1/traces'].map(
        (place) => `${number}: ${place}`,
      ),
    );
    expect(found.toSorted()).toEqual(expected.toSorted());
  }, 240_000);
});

describe('the key-encryption key of the card service', () => {
  interface KeyFile {
    current: string;
    keys: Record<string, string>;
  }
  /** Starts the card service again with these keys. */
  const restartWith = (name: string, content: KeyFile): Promise<void> => {
    const file = join(dirname(world.stack.trustAnchors), name);
    writeFileSync(file, JSON.stringify(content), { mode: 0o600 });
    return running.system.processes.card.restart({ KEY_ENCRYPTION_KEYS_FILE: file });
  };

  test('is replaced by a restart with the next one, and an earlier or a wrong one is refused by its name', async () => {
    const file = join(dirname(world.stack.trustAnchors), 'key-encryption-keys.json');
    const before = JSON.parse(readFileSync(file, 'utf8')) as KeyFile;
    const next = randomBytes(32).toString('base64url');
    await restartWith('both.json', { current: 'next', keys: { ...before.keys, next } });
    await restartWith('next.json', { current: 'next', keys: { next } });
    await expect(restartWith('before.json', before)).rejects.toThrow(
      /KEY_ENCRYPTION_KEYS_FILE: the \w+ key \S+ is wrapped by the key-encryption key next, which is absent/,
    );
    const other = { next: randomBytes(32).toString('base64url') };
    await expect(restartWith('other.json', { current: 'next', keys: other })).rejects.toThrow(
      /KEY_ENCRYPTION_KEYS_FILE: the \w+ key \S+ cannot be unwrapped by the key-encryption key next/,
    );
  }, 240_000);
});
