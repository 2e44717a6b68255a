import { fieldsOf, requiredOf } from './base.ts';
import { create, command, operation, ofCommand, type InterfaceCase } from './interface-case.ts';

const wire = (name: string) => ({ interface: `wire ${name}`, version: null, hurts: new RegExp(name) });

/** Breaks of what all interfaces have in common: authority, places of outcomes, currencies, formats on the wire. */
export const wireCases: readonly InterfaceCase[] = [
  {
    ...operation,
    name: 'another place of the outcome',
    change: (contracts) => {
      create(contracts).location = '/v1/transfers/{transferId}';
    },
    kind: 'location.changed',
  },
  {
    ...operation,
    name: 'an operation without the place of its outcome',
    change: (contracts) => {
      create(contracts).location = null;
    },
    kind: 'location.changed',
  },
  {
    ...operation,
    name: 'an operation that a role may no longer do',
    change: (contracts) => {
      create(contracts).authority = ['payer'];
    },
    kind: 'authority.narrowed',
  },
  {
    ...ofCommand,
    name: 'a command that a role may no longer send',
    change: (contracts) => {
      command(contracts).authority = ['capturer'];
    },
    kind: 'authority.narrowed',
  },
  {
    interface: 'currency JPY',
    version: null,
    hurts: /amount/,
    name: 'another minor unit of a currency',
    change: ({ minorUnits }) => {
      minorUnits['JPY'] = 2;
    },
    kind: 'minor_units.changed',
  },
  {
    ...wire('envelope'),
    name: 'a wire format that is gone',
    change: ({ wire: formats }) => {
      delete formats['envelope'];
    },
    kind: 'wire_format.removed',
  },
  {
    ...wire('envelope'),
    name: 'a field of a wire format that its readers require and its writers did not write',
    change: ({ wire: formats }) => {
      fieldsOf(formats['envelope']!)['trailer'] = { type: 'string' };
      requiredOf(formats['envelope']!).push('trailer');
    },
    kind: 'field.required',
    field: '/trailer',
  },
  {
    ...wire('problem'),
    name: 'a field of problems that is gone',
    change: ({ wire: formats }) => {
      delete fieldsOf(formats['problem']!)['code'];
      formats['problem']!['required'] = [];
    },
    kind: 'field.removed',
    field: '/code',
  },
  {
    ...wire('problem'),
    name: 'the name of a field of a wire format that was released before',
    before: ({ reserved }) => {
      reserved.fields = ['wire problem /detail'];
    },
    change: ({ wire: formats }) => {
      fieldsOf(formats['problem']!)['detail'] = { type: 'string' };
    },
    kind: 'name.reused',
    field: '/detail',
  },
];
