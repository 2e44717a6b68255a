import { describe, expect, test } from '@jest/globals';
import { breakKinds, compareContracts, currentContracts, type Contracts } from '../../src/index.ts';
import { baseContracts, DEPRECATED, fieldsOf, TODAY } from './base.ts';
import { fieldCases } from './field-cases.ts';
import { messageCases } from './message-cases.ts';
import { nameCases } from './name-cases.ts';
import { operationCases } from './operation-cases.ts';
import { wireCases } from './wire-cases.ts';

const interfaceCases = [...operationCases, ...messageCases, ...nameCases, ...wireCases];

describe('the gate refuses', () => {
  test.each(interfaceCases.map((one) => [one.name, one] as const))('%s', (_name, one) => {
    const base = baseContracts();
    one.before?.(base);
    // A name that an earlier release removed comes back with the present contracts.
    const current = one.kind === 'name.reused' ? baseContracts() : structuredClone(base);
    one.change(current);
    const { breaks } = compareContracts(base, current, one.on ?? TODAY);
    expect(breaks).toEqual([
      {
        interface: one.interface,
        version: one.version,
        field: one.field ?? '',
        kind: one.kind,
        detail: expect.stringMatching(/\S/),
        hurts: expect.stringMatching(one.hurts),
        instead: breakKinds[one.kind],
      },
    ]);
  });

  test('every kind of break in a case', () => {
    const seeded = new Set([
      ...interfaceCases.map(({ kind }) => kind),
      ...fieldCases.flatMap(({ request, response }) => [request, response]),
      // These have a test of their own, because they depend on the object.
      'object.closed',
      'object.opened',
      'field.added',
    ]);
    expect(Object.keys(breakKinds).filter((kind) => !seeded.has(kind as never))).toEqual([]);
  });
});

describe('the gate allows', () => {
  const allowed = (change: (contracts: Contracts) => void, on = TODAY, base = baseContracts()): void => {
    const current = structuredClone(base);
    change(current);
    expect(compareContracts(base, current, on).breaks).toEqual([]);
  };

  test('contracts that did not change', () => {
    allowed(() => {});
    const current = currentContracts(TODAY);
    expect(compareContracts(current, structuredClone(current), TODAY)).toEqual({ breaks: [], waived: [] });
  });

  test('a new operation, message, topic, error', () => {
    allowed(({ operations, messages, topics, errors }) => {
      operations['payment.hold@1'] = { ...operations['payment.create@1']!, path: '/v1/holds' };
      messages['payment.held@1'] = { ...messages['payment.captured@1']! };
      topics['payment.holds.v1'] = { owner: 'payment', cleanup: 'deleted', partitions: 1 };
      errors['payment.held'] = { status: 409, retry: false };
    });
  });

  test('a new version beside the old', () => {
    allowed(({ operations, messages }) => {
      const one = operations['payment.create@1']!;
      operations['payment.create@2'] = { ...one, path: '/v2/payments/{payerId}', body: { type: 'object' } };
      one.deprecated = { ...DEPRECATED };
      messages['payment.captured@2'] = { ...messages['payment.captured@1']!, data: { type: 'object' } };
      messages['payment.captured@1']!.deprecated = { ...DEPRECATED };
    });
  });

  test('a role, a currency, a wire format, and a field of a problem more', () => {
    allowed(({ operations, messages, minorUnits, wire }) => {
      operations['payment.create@1']!.authority.push('initiator');
      messages['payment.create@1']!.authority.push('initiator');
      minorUnits['BHD'] = 3;
      wire['snapshot'] = { type: 'object' };
      fieldsOf(wire['problem']!)['detail'] = { type: 'string' };
    });
  });

  test('a header Location where there was none', () => {
    const base = baseContracts();
    base.operations['payment.create@1']!.location = null;
    allowed(({ operations }) => void (operations['payment.create@1']!.location = '/v1/p'), TODAY, base);
  });

  test('a status of success, an error code, a sender, a reader more', () => {
    allowed(({ operations, messages }) => {
      operations['payment.create@1']!.successStatuses.push(200);
      operations['payment.create@1']!.errors.push('payment.late');
      messages['payment.create@1']!.from.push('card');
      messages['payment.captured@1']!.to.push('card');
    });
  });

  test('a proof and an Idempotency-Key that are no longer asked for', () => {
    const base = baseContracts();
    const one = { proof: 'dpop', idempotent: true, headers: ['DPoP', 'Idempotency-Key'] };
    Object.assign(base.operations['payment.create@1']!, one);
    allowed(
      ({ operations }) =>
        void Object.assign(operations['payment.create@1']!, {
          proof: 'none',
          idempotent: false,
          headers: [],
        }),
      TODAY,
      base,
    );
  });

  test('to remove what nobody can use any more', () => {
    const base = baseContracts();
    base.operations['payment.create@2'] = {
      ...base.operations['payment.create@1']!,
      path: '/v2/payments/{payerId}',
    };
    base.operations['payment.create@1']!.deprecated = { ...DEPRECATED };
    base.messages['payment.captured@2'] = { ...base.messages['payment.captured@1']! };
    base.messages['payment.captured@1']!.deprecated = { ...DEPRECATED };
    allowed(({ operations }) => void delete operations['payment.create@1'], DEPRECATED.sunset, base);
    allowed(({ messages }) => void delete messages['payment.captured@1'], '2028-02-01', base);
  });

  test('a later sunset', () => {
    const base = baseContracts();
    base.operations['payment.create@2'] = {
      ...base.operations['payment.create@1']!,
      path: '/v2/payments/{payerId}',
    };
    base.operations['payment.create@1']!.deprecated = { ...DEPRECATED };
    allowed(
      ({ operations }) => {
        operations['payment.create@1']!.deprecated!.sunset = '2029-01-01';
      },
      TODAY,
      base,
    );
  });
});
