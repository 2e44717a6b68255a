import { describe, expect, test } from '@jest/globals';
import { compareContracts, type Contracts, type JsonSchema } from '../../src/index.ts';
import { baseContracts, fieldsOf, TODAY } from './base.ts';
import { fieldCases, type FieldCase } from './field-cases.ts';

/** Where a schema is, and which of its changes are breaks there. */
const places: [
  string,
  string,
  (contracts: Contracts) => JsonSchema,
  (one: FieldCase) => readonly string[],
][] = [
  ['a request', '/body', ({ operations }) => operations['payment.create@1']!.body, asked],
  ['a response', '/response', ({ operations }) => operations['payment.create@1']!.response, answered],
  ['a command', '/data', ({ messages }) => messages['payment.create@1']!.data, asked],
  ['an event', '/data', ({ messages }) => messages['payment.captured@1']!.data, both],
  [
    'an event on a compacted topic',
    '/data',
    ({ messages }) => messages['payment.audit.recorded@1']!.data,
    both,
  ],
];

function asked({ request }: FieldCase): readonly string[] {
  return request === undefined ? [] : [request];
}

function answered({ response }: FieldCase): readonly string[] {
  return response === undefined ? [] : [response];
}

function both({ request, response }: FieldCase): readonly string[] {
  return [...new Set([request, response].filter((kind) => kind !== undefined))];
}

describe.each(places)('in %s, the gate', (_place, at, schemaOf, kindsOf) => {
  test.each(
    fieldCases.map((one) => [kindsOf(one).length === 0 ? 'allows' : 'refuses', one.name, one] as const),
  )('%s %s', (_verdict, _name, one) => {
    const current = baseContracts();
    one.change(schemaOf(current));
    const { breaks } = compareContracts(baseContracts(), current, TODAY);
    expect(breaks.map(({ kind, field }) => ({ kind, field }))).toEqual(
      kindsOf(one).map((kind) => ({ kind, field: at + one.field })),
    );
  });
});

describe('the gate refuses', () => {
  test('an open object that is closed', () => {
    for (const [place, schemaOf] of [
      ['/response', ({ operations }: Contracts) => operations['payment.create@1']!.response],
      ['/data', ({ messages }: Contracts) => messages['payment.captured@1']!.data],
    ] as const) {
      const current = baseContracts();
      fieldsOf(schemaOf(current))['address']!['additionalProperties'] = false;
      const { breaks } = compareContracts(baseContracts(), current, TODAY);
      expect(breaks).toMatchObject([{ kind: 'object.closed', field: `${place}/address` }]);
    }
  });

  test('a closed object that is opened', () => {
    for (const [place, schemaOf] of [
      ['/body', ({ operations }: Contracts) => operations['payment.create@1']!.body],
      ['/data', ({ messages }: Contracts) => messages['payment.create@1']!.data],
    ] as const) {
      const current = baseContracts();
      delete fieldsOf(schemaOf(current))['address']!['additionalProperties'];
      const { breaks } = compareContracts(baseContracts(), current, TODAY);
      expect(breaks).toMatchObject([{ kind: 'object.opened', field: `${place}/address` }]);
    }
  });

  test('a new field of a response that is closed', () => {
    const closed = (): Contracts => {
      const contracts = baseContracts();
      fieldsOf(contracts.operations['payment.create@1']!.response)['address']!['additionalProperties'] =
        false;
      return contracts;
    };
    const current = closed();
    const { address } = fieldsOf(current.operations['payment.create@1']!.response);
    fieldsOf(address!)['street'] = { type: 'string' };
    expect(compareContracts(closed(), current, TODAY).breaks).toMatchObject([
      { kind: 'field.added', field: '/response/address/street' },
    ]);
  });

  test('in a query, a parameter that is removed', () => {
    const current = baseContracts();
    delete fieldsOf(current.operations['payment.create@1']!.query)['wait'];
    expect(compareContracts(baseContracts(), current, TODAY).breaks).toMatchObject([
      { kind: 'field.removed', field: '/query/wait', hurts: 'clients' },
    ]);
  });
});

describe('the gate allows', () => {
  test('a larger enum in a response, if the enum is open', () => {
    const open = (...values: string[]): Contracts => {
      const contracts = baseContracts();
      fieldsOf(contracts.operations['payment.create@1']!.response)['currency'] = {
        type: 'string',
        'x-extensible-enum': values,
      };
      return contracts;
    };
    expect(compareContracts(open('EUR'), open('EUR', 'USD'), TODAY).breaks).toEqual([]);
  });

  test('a required field that is now optional and has a default', () => {
    const current = baseContracts();
    const { body } = current.operations['payment.create@1']!;
    fieldsOf(body)['share']!['default'] = 1;
    body['required'] = (body['required'] as string[]).filter((name) => name !== 'share');
    expect(compareContracts(baseContracts(), current, TODAY).breaks).toEqual([]);
  });
});
