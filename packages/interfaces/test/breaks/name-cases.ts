import { fieldsOf } from './base.ts';
import { captured, operation, ofEvent, type InterfaceCase } from './interface-case.ts';

export const nameCases: readonly InterfaceCase[] = [
  {
    ...operation,
    name: 'the name of an operation that was released before',
    before: ({ operations, reserved }) => {
      delete operations['payment.create@1'];
      reserved.interfaces = ['operation payment.create@1'];
    },
    change: (contracts) => contracts,
    kind: 'name.reused',
  },
  {
    ...operation,
    name: 'the path of an operation that was released before',
    before: ({ operations, reserved }) => {
      delete operations['payment.create@1'];
      reserved.paths = ['payment POST /v1/payments/{}'];
    },
    change: (contracts) => contracts,
    kind: 'name.reused',
  },
  {
    ...ofEvent,
    name: 'the name of a message that was released before',
    before: ({ messages, reserved }) => {
      delete messages['payment.captured@1'];
      reserved.interfaces = ['message payment.captured@1'];
    },
    change: (contracts) => contracts,
    kind: 'name.reused',
  },
  {
    ...ofEvent,
    name: 'the name of a field that was released before',
    before: ({ reserved }) => {
      reserved.fields = ['message payment.captured@1 /data/colour'];
    },
    change: (contracts) => {
      fieldsOf(captured(contracts).data)['colour'] = { type: 'integer' };
    },
    kind: 'name.reused',
    field: '/data/colour',
  },
  {
    interface: 'topic payment.outcomes.v1',
    version: null,
    hurts: /payment\.outcomes\.v1/,
    name: 'the name of a topic that was released before',
    before: ({ reserved }) => {
      reserved.topics = ['payment.outcomes.v1'];
    },
    change: ({ topics }) => {
      topics['payment.outcomes.v1'] = { owner: 'payment', cleanup: 'deleted', partitions: 1 };
    },
    kind: 'name.reused',
  },
  {
    interface: 'error payment.late',
    version: null,
    hurts: 'clients',
    name: 'the name of an error code that was released before',
    before: ({ reserved }) => {
      reserved.errors = ['payment.late'];
    },
    change: ({ errors }) => {
      errors['payment.late'] = { status: 409, retry: false };
    },
    kind: 'name.reused',
  },
];
