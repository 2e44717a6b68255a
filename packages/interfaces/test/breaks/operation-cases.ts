import { fieldsOf } from './base.ts';
import { create, operation, deprecate, type InterfaceCase } from './interface-case.ts';

export const operationCases: readonly InterfaceCase[] = [
  {
    ...operation,
    name: 'an operation that is removed without deprecation',
    change: ({ operations }) => void delete operations['payment.create@1'],
    kind: 'interface.removed_without_deprecation',
  },
  {
    ...operation,
    name: 'an operation that is removed before its sunset',
    before: deprecate,
    change: ({ operations }) => void delete operations['payment.create@1'],
    kind: 'interface.removed_before_sunset',
  },
  {
    ...operation,
    name: 'an operation whose sunset is moved earlier',
    before: deprecate,
    change: (contracts) => {
      create(contracts).deprecated!.sunset = '2027-06-01';
    },
    kind: 'interface.sunset_earlier',
  },
  {
    ...operation,
    name: 'an operation that is deprecated with a sunset in the past',
    change: (contracts) => {
      deprecate(contracts);
      create(contracts).deprecated!.sunset = '2027-02-01';
      for (const one of Object.values(contracts.messages)) delete one.deprecated;
    },
    kind: 'interface.removed_without_deprecation',
  },
  {
    ...operation,
    name: 'another method',
    change: (contracts) => {
      create(contracts).method = 'DELETE';
    },
    kind: 'method.changed',
  },
  {
    ...operation,
    name: 'another path',
    change: (contracts) => {
      create(contracts).path = '/v1/orders/{payerId}';
    },
    kind: 'path.changed',
  },
  {
    ...operation,
    name: 'a parameter in another place',
    change: (contracts) => {
      const { query, body } = create(contracts);
      fieldsOf(body)['wait'] = fieldsOf(query)['wait']!;
      delete fieldsOf(query)['wait'];
    },
    kind: 'parameter.moved',
    field: '/query/wait',
  },
  {
    ...operation,
    name: 'an operation that another service serves',
    change: (contracts) => {
      create(contracts).service = 'account';
    },
    kind: 'owner.changed',
  },
  {
    ...operation,
    name: 'a status of success that is gone',
    change: (contracts) => {
      create(contracts).successStatuses = [202];
    },
    kind: 'status.removed',
  },
  {
    ...operation,
    name: 'a media type that is gone',
    change: (contracts) => {
      create(contracts).mediaTypes.response = ['application/problem+json'];
    },
    kind: 'media_type.removed',
  },
  {
    ...operation,
    name: 'an error code that an operation no longer answers',
    change: (contracts) => {
      create(contracts).errors = ['request.invalid'];
    },
    kind: 'error.removed',
  },
  {
    interface: 'error payment.not_found',
    version: null,
    hurts: 'clients',
    name: 'an error code that is gone',
    change: ({ errors }) => void delete errors['payment.not_found'],
    kind: 'error.removed',
  },
  {
    interface: 'error payment.not_found',
    version: null,
    hurts: 'clients',
    name: 'an error code with another status',
    change: ({ errors }) => {
      errors['payment.not_found']!.status = 410;
    },
    kind: 'error.changed',
  },
  {
    ...operation,
    name: 'a scope that is newly asked for',
    change: (contracts) => {
      create(contracts).scope = 'payments:admin';
    },
    kind: 'scope.changed',
  },
  {
    ...operation,
    name: 'a proof that is newly asked for',
    change: (contracts) => {
      Object.assign(create(contracts), { proof: 'dpop', headers: ['DPoP'] });
    },
    kind: 'proof.required',
  },
  {
    ...operation,
    name: 'an Idempotency-Key that is newly asked for',
    change: (contracts) => {
      Object.assign(create(contracts), { idempotent: true, headers: ['Idempotency-Key'] });
    },
    kind: 'idempotency.required',
  },
  {
    ...operation,
    name: 'another header that is newly asked for',
    change: (contracts) => {
      create(contracts).headers = ['Prefer'];
    },
    kind: 'header.required',
  },
];
