import { describe, expect, test } from '@jest/globals';
import { services, type ServiceName } from '@tallystick/contracts';
import {
  conflictsBetween,
  contractsOf,
  type Conflict,
  type DeclaredContracts,
  type JsonSchema,
  type MessageContract,
} from '../../src/index.ts';

const ON = '2027-03-01';
const RELEASE = 'ab'.repeat(32);

const closed = (properties: Record<string, JsonSchema>, required = Object.keys(properties)): JsonSchema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const text: JsonSchema = { type: 'string' };

const placeHold = (data = closed({ holdId: text })): MessageContract => ({
  kind: 'command',
  topic: 'account.commands.v1',
  key: 'holdId',
  from: ['payment'],
  to: ['account'],
  lifetimeS: 600,
  outcomes: ['account.hold.placed'],
  classification: 'internal',
  authority: [],
  data,
  since: '2026-11-01',
});
const holdPlaced = (
  data: JsonSchema = { type: 'object', properties: { holdId: text }, required: ['holdId'] },
) => ({
  ...placeHold(data),
  kind: 'event',
  topic: 'account.events.v1',
  from: ['account'],
  to: ['payment'],
  lifetimeS: 0,
  outcomes: [],
});

type Messages = Record<string, MessageContract>;
const both: Messages = { 'account.hold.place@1': placeHold(), 'account.hold.placed@1': holdPlaced() };

const declared = (service: ServiceName, messages: Messages): DeclaredContracts => ({
  service,
  operations: {},
  messages,
});

/** The conflicts of a payment service that wants to run beside an account service. */
const payBeside = (payment: Messages, account: Messages): Partial<Conflict>[] =>
  conflictsBetween(
    declared('payment', payment),
    { releaseId: RELEASE, contracts: declared('account', account) },
    ON,
  );

const THIS = 'this release of payment';
const THAT = `account, release ${RELEASE.slice(0, 12)}`;

describe('a release', () => {
  test('runs beside another that handles its commands and sends its events', () => {
    expect(payBeside(both, both)).toEqual([]);
  });

  test.each(services)('of %s runs beside every service of this release', (service) => {
    const candidate = contractsOf(service);
    for (const other of services)
      expect(conflictsBetween(candidate, { releaseId: RELEASE, contracts: contractsOf(other) }, ON)).toEqual(
        [],
      );
  });

  test('does not run beside a receiver that lacks its command', () => {
    const { 'account.hold.place@1': _gone, ...account } = both;
    expect(payBeside(both, account)).toMatchObject([
      {
        interface: 'message account.hold.place',
        version: 1,
        kind: 'command.not_handled',
        detail: `${THAT} does not handle it`,
        hurts: THIS,
      },
    ]);
  });

  test('does not run beside a receiver that lacks the version of its command', () => {
    const payment = { ...both, 'account.hold.place@2': placeHold() };
    expect(payBeside(payment, both)).toMatchObject([
      { version: 2, kind: 'version.not_handled', detail: `${THAT} handles version 1`, hurts: THIS },
    ]);
  });

  test('does not run beside a receiver that refuses what it writes, and names the field', () => {
    const payment = { ...both, 'account.hold.place@1': placeHold(closed({ holdId: text, note: text })) };
    expect(payBeside(payment, both)).toMatchObject([
      { kind: 'message.not_read', field: '/data/note', hurts: THIS },
    ]);
  });

  test('does not run beside a sender whose command it refuses', () => {
    const payment = declared('payment', both);
    const account = declared('account', {
      ...both,
      'account.hold.place@1': placeHold(closed({ holdId: text, note: text })),
    });
    expect(conflictsBetween(account, { releaseId: RELEASE, contracts: payment }, ON)).toMatchObject([
      { kind: 'message.not_read', field: '/data/note', hurts: `payment, release ${RELEASE.slice(0, 12)}` },
    ]);
  });

  test('does not run beside a reader of an event that it no longer sends', () => {
    const { 'account.hold.placed@1': _gone, ...account } = both;
    expect(
      conflictsBetween(
        declared('account', account),
        { releaseId: RELEASE, contracts: declared('payment', both) },
        ON,
      ),
    ).toMatchObject([{ interface: 'message account.hold.placed', kind: 'event.not_sent' }]);
  });

  test('does not run beside a reader of an event that lacks every version of it', () => {
    const account = { 'account.hold.place@1': placeHold(), 'account.hold.placed@2': holdPlaced() };
    expect(payBeside(both, account)).toMatchObject([
      { version: 2, kind: 'version.not_handled', detail: `${THIS} handles version 1`, hurts: THIS },
    ]);
  });

  test('runs beside a reader of an older version of an event that it still writes', () => {
    const account = { ...both, 'account.hold.placed@2': holdPlaced() };
    expect(payBeside(both, account)).toEqual([]);
  });

  test('does not run beside a reader of an event that lacks a field', () => {
    const account = { ...both, 'account.hold.placed@1': holdPlaced({ type: 'object', properties: {} }) };
    expect(payBeside(both, account)).toMatchObject([
      { kind: 'message.not_read', field: '/data/holdId', hurts: THIS },
    ]);
  });

  test('does not run beside a receiver of its command on another topic or under another key', () => {
    const account = {
      ...both,
      'account.hold.place@1': { ...placeHold(), topic: 'account.commands.v2', key: 'accountId' },
    };
    expect(payBeside(both, account)).toMatchObject([{ kind: 'topic.changed' }, { kind: 'key.changed' }]);
  });

  test('does not run beside an earlier release of its service if clients lose what they use', () => {
    const earlier = contractsOf('payment');
    const { 'payment.cancel@1': cancelled, ...operations } = earlier.operations;
    const { 'payment.capture@1': captured, ...messages } = earlier.messages;
    expect([cancelled, captured]).toMatchObject([{ callers: 'clients' }, { from: ['client'] }]);
    const found = conflictsBetween(
      { ...earlier, operations, messages },
      { releaseId: RELEASE, contracts: earlier },
      ON,
    );
    expect(found.map(({ interface: name, kind, hurts }) => `${name} ${kind}: ${hurts}`)).toEqual([
      'operation payment.cancel interface.removed_before_sunset: clients',
      expect.stringContaining('message payment.capture interface.removed_without_deprecation'),
    ]);
  });
});
