import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';

import {
  clientPermissions,
  command,
  confidential,
  confidentialFieldNames,
  consumedTopics,
  defineRegister,
  event,
  handledTypes,
  id,
  operation,
  OUTCOMES,
  producerKafkaAccess,
  register,
  replayedTopics,
  scopesFor,
  serviceKafkaAccess,
  servicePermissions,
  superseded,
  type MessageDefinition,
  type Register,
} from '../src/index.ts';

const since = '2026-11-28';

/** An operation with its command, event and scope, as a new file in `interfaces/` would define them. */
const chargeDispute = operation('card.dispute', {
  service: 'card',
  method: 'POST',
  successStatuses: [201],
  path: '/cards/{cardId}/disputes',
  summary: 'Dispute a charge on a card',
  scope: 'cards:write',
  proof: 'dpop',
  params: z.strictObject({ cardId: id('crd') }),
  current: { since, body: z.strictObject({ secret: confidential(z.string()) }), response: z.object({}) },
});
const disputeOpen = command('account.dispute.open', {
  from: ['card', 'client'],
  to: 'account',
  summary: 'Open a dispute on the ledger',
  key: 'accountId',
  outcomes: ['account.dispute.answered'],
  replay: 'none',
  current: { since, data: { accountId: id('acc') } },
});
const disputeOpened = event('account.dispute.opened', {
  to: ['card'],
  summary: 'A dispute was opened',
  key: 'accountId',
  replay: 'state',
  current: { since, data: { accountId: id('acc') } },
});
const disputeAnswered = event('account.dispute.answered', {
  to: ['client'],
  topic: OUTCOMES,
  summary: 'A dispute was opened, for the third party that asked',
  key: 'accountId',
  replay: 'none',
  current: { since, data: { accountId: id('acc') } },
});
const extended: Register = defineRegister({
  messages: { ...register.messages, disputeOpen, disputeOpened, disputeAnswered },
  operations: { ...register.operations, chargeDispute },
  authority: { ...register.authority, 'card.dispute': ['cardholder'] },
  scopes: {
    ...register.scopes,
    'disputes:read': { words: 'See your disputes', movesMoney: false, grantees: ['customer'] },
  },
});

const added = <Item>(of: (register: Register) => readonly Item[]): Item[] => {
  const before = new Set(of(register).map((one) => JSON.stringify(one)));
  return of(extended).filter((one) => !before.has(JSON.stringify(one)));
};

describe('a definition of an operation with its command and event', () => {
  test('creates a route with its version and redacts its confidential fields', () => {
    expect(extended.operations['chargeDispute']).toMatchObject({
      path: '/v1/cards/{cardId}/disputes',
      idempotent: true,
    });
    expect(added(confidentialFieldNames)).toEqual(['secret']);
  });

  test('permits its senders to send the command and its owner to publish the event', () => {
    const typesOf = (permissions: ReturnType<typeof servicePermissions>): string[] =>
      permissions.flatMap(({ types }) => types);
    expect(added((all) => typesOf(servicePermissions('card', all)))).toEqual(['account.dispute.open']);
    expect(added((all) => typesOf(servicePermissions('account', all)))).toEqual([
      'account.dispute.opened',
      'account.dispute.answered',
    ]);
    expect(added((all) => typesOf(clientPermissions(all)))).toEqual(['account.dispute.open']);
    expect(added((all) => typesOf(servicePermissions('payment', all)))).toEqual([]);
  });

  test('subscribes its handlers', () => {
    expect(added((all) => handledTypes('account', 'account.commands.v1', all))).toEqual([
      'account.dispute.open',
    ]);
    expect(added((all) => handledTypes('card', 'account.events.v1', all))).toEqual([
      'account.dispute.opened',
    ]);
    expect(consumedTopics('card', extended)).toEqual(consumedTopics('card'));
  });

  test('grants the Kafka rights to send the command, read its answer and replay own messages', () => {
    const rights = producerKafkaAccess('acme', [
      { topic: 'account.commands.v1', types: ['account.dispute.open'] },
    ]);
    expect(
      rights
        .filter(({ resource }) => resource === 'topic')
        .map(({ name, operations }) => `${operations.join('+')} ${name}`),
    ).toEqual([
      'Read+Describe auth.keys.v1',
      'Read+Describe outcomes.v1.acme',
      'Write+Describe account.commands.v1',
    ]);
    expect(replayedTopics('account', extended)).toContain('account.events.v1');
    expect(added((all) => serviceKafkaAccess('account', all))).toEqual([
      { resource: 'topic', name: 'outcomes.v1.', pattern: 'prefix', operations: ['Write', 'Describe'] },
    ]);
  });

  test('has a text on the consent page of its grantees', () => {
    expect(added((all) => scopesFor('customer', all.scopes))).toEqual(['disputes:read']);
    expect(added((all) => scopesFor('operator', all.scopes))).toEqual([]);
  });

  test('creates a JSON Schema of its wire form', () => {
    expect(z.toJSONSchema(disputeOpen.data, { io: 'input' })).toMatchObject({
      type: 'object',
      required: ['accountId'],
      additionalProperties: false,
    });
  });
});

describe('an inconsistent definition is refused at the start', () => {
  const withMessage = (message: MessageDefinition) => () =>
    defineRegister({ ...register, messages: { ...register.messages, message } });
  const spec = {
    from: ['card'],
    to: 'account',
    summary: 'Open a dispute on the ledger',
    key: 'accountId',
    outcomes: [],
    replay: 'none',
    current: { since, data: { accountId: id('acc') } },
  } as const;

  test('refuses a duplicate address', () => {
    expect(withMessage(command('account.hold.place', spec))).toThrow(
      'account.commands.v1 account.hold.place is defined twice',
    );
    expect(() =>
      defineRegister({
        ...register,
        operations: { ...register.operations, again: { ...chargeDispute, id: 'card.issue' } },
      }),
    ).toThrow('card.issue is defined twice');
  });

  test('refuses an outcome without an event', () => {
    expect(
      withMessage(command('account.dispute.open', { ...spec, outcomes: ['account.dispute.opened'] })),
    ).toThrow('there is no event account.dispute.opened');
  });

  test('refuses an unknown scope', () => {
    expect(() =>
      defineRegister({
        ...register,
        operations: { chargeDispute: { ...chargeDispute, scope: 'disputes:write' as never } },
        authority: extended.authority,
      }),
    ).toThrow('there is no scope disputes:write');
  });

  test('refuses a path that does not name the params', () => {
    expect(() =>
      defineRegister({
        ...register,
        operations: { chargeDispute: { ...chargeDispute, params: z.strictObject({ id: id('crd') }) } },
      }),
    ).toThrow('card.dispute: its path names {cardId}, its params {id}');
  });

  test('refuses an operation on an object if the table of authority does not name its roles', () => {
    expect(() => defineRegister({ ...register, operations: { chargeDispute } })).toThrow(
      'card.dispute: the table of authority does not say who may do it',
    );
  });

  test('refuses an earlier version whose example cannot be lifted', () => {
    const renamed = command('account.dispute.open', {
      ...spec,
      earlier: {
        1: superseded({
          since,
          deprecated: { since, sunset: '2027-12-01', use: 2 },
          data: { account: id('acc') },
          // The name of the field is not lifted.
          up: (earlier) => earlier,
          examples: [{ account: 'acc_01890a5d-ac96-774b-bcce-b302099a8057' }],
        }),
      },
    });
    expect(withMessage(renamed)).toThrow(
      /^account\.dispute\.open, version 1: its example cannot be read and lifted: .*account/su,
    );
  });

  test('refuses versions with a gap', () => {
    const first = superseded({
      since,
      deprecated: { since, sunset: '2027-12-01', use: 2 },
      data: { accountId: id('acc') },
      up: (earlier) => earlier,
      examples: [{}],
    });
    expect(() => command('account.dispute.open', { ...spec, earlier: { 2: first } })).toThrow(
      'numbered from 1 without a gap',
    );
  });
});

describe('a register', () => {
  test('has every event to third parties on their topics of outcomes, and no other event there', () => {
    const messages = { ...register.messages, disputeOpened: { ...disputeOpened, topic: OUTCOMES } as never };
    expect(() => defineRegister({ ...register, messages })).toThrow('account.dispute.opened');
  });

  test('answers each command of a third party on its topic of outcomes', () => {
    const unread = { ...disputeOpen, outcomes: ['account.dispute.opened'] };
    const messages = { ...register.messages, disputeOpened, disputeOpen: unread };
    expect(() => defineRegister({ ...register, messages })).toThrow('account.dispute.open');
  });
});
