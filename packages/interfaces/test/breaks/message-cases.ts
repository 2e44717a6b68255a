import {
  command,
  captured,
  ofCommand,
  ofEvent,
  ofAudit,
  deprecate,
  type InterfaceCase,
} from './interface-case.ts';

export const messageCases: readonly InterfaceCase[] = [
  {
    ...ofCommand,
    name: 'a message that is removed without deprecation',
    change: ({ messages }) => void delete messages['payment.create@1'],
    kind: 'interface.removed_without_deprecation',
  },
  {
    ...ofEvent,
    name: 'a message that is removed before its sunset',
    before: deprecate,
    change: ({ messages }) => void delete messages['payment.captured@1'],
    kind: 'interface.removed_before_sunset',
  },
  {
    ...ofEvent,
    name: 'a message that is removed while a quarantine may hold its records',
    before: deprecate,
    change: ({ messages }) => void delete messages['payment.captured@1'],
    kind: 'interface.still_held',
    on: '2028-01-15',
  },
  {
    ...ofAudit,
    name: 'a message that is removed from a compacted topic, also after its sunset',
    before: deprecate,
    change: ({ messages }) => void delete messages['payment.audit.recorded@1'],
    kind: 'interface.still_held',
    on: '2040-01-01',
  },
  {
    ...ofCommand,
    name: 'another record key',
    change: (contracts) => {
      command(contracts).key = 'payeeId';
    },
    kind: 'key.changed',
  },
  {
    ...ofEvent,
    name: 'another record key of an event',
    change: (contracts) => {
      captured(contracts).key = 'payeeId';
    },
    kind: 'key.changed',
  },
  {
    ...ofEvent,
    name: 'another topic',
    change: (contracts) => {
      captured(contracts).topic = 'payment.audit.v1';
    },
    kind: 'topic.changed',
  },
  {
    ...ofCommand,
    name: 'another kind',
    change: (contracts) => {
      command(contracts).kind = 'event';
    },
    kind: 'kind.changed',
  },
  {
    ...ofCommand,
    name: 'another lifetime',
    change: (contracts) => {
      command(contracts).lifetimeS = 60;
    },
    kind: 'lifetime.changed',
  },
  {
    ...ofCommand,
    name: 'a sender that may send it no more',
    change: (contracts) => {
      command(contracts).from = [];
    },
    kind: 'sender.removed',
  },
  {
    ...ofCommand,
    name: 'an outcome that is gone',
    change: (contracts) => {
      command(contracts).outcomes = [];
    },
    kind: 'outcome.removed',
  },
  {
    ...ofCommand,
    name: 'a command that another service handles',
    change: (contracts) => {
      command(contracts).to = ['account'];
    },
    kind: 'owner.changed',
    hurts: /the payment service, which reads it/,
  },
  {
    ...ofCommand,
    name: 'another classification of a message',
    change: (contracts) => {
      command(contracts).classification = 'confidential';
    },
    kind: 'classification.changed',
  },
  ...(
    [
      ['another owner of a topic', { owner: 'card' }, 'owner.changed'],
      ['another number of partitions', { partitions: 4 }, 'partitions.changed'],
      ['another cleanup', { cleanup: 'compacted' }, 'cleanup.changed'],
    ] as const
  ).map(([name, change, kind]): InterfaceCase => ({
    interface: 'topic payment.events.v1',
    version: null,
    hurts: /payment\.events\.v1/,
    name,
    change: ({ topics }) => void Object.assign(topics['payment.events.v1']!, change),
    kind,
  })),
  {
    interface: 'topic payment.events.v1',
    version: null,
    hurts: /payment\.events\.v1/,
    name: 'a topic that is gone',
    change: ({ topics }) => void delete topics['payment.events.v1'],
    kind: 'topic.removed',
  },
];
