import type { BreakKind, JsonSchema } from '../../src/index.ts';
import { fieldsOf, requiredOf } from './base.ts';

/** One change of a schema, the field that it is about, and the kinds of break that it is. */
export interface FieldCase {
  name: string;
  change: (schema: JsonSchema) => void;
  field: string;
  /** In a request or command; none if it is allowed. */
  request?: BreakKind;
  /** In a response; none if it is allowed. */
  response?: BreakKind;
  /** In an event, which both rules bind; by default the kinds above. */
  event?: readonly BreakKind[];
}

const set =
  (field: string, keywords: JsonSchema) =>
  (schema: JsonSchema): void => {
    Object.assign(fieldsOf(schema)[field]!, keywords);
  };
const unset =
  (field: string, keyword: string) =>
  (schema: JsonSchema): void => {
    delete fieldsOf(schema)[field]![keyword];
  };
const without = (schema: JsonSchema, field: string): void => {
  delete fieldsOf(schema)[field];
  schema['required'] = requiredOf(schema).filter((name) => name !== field);
};
const branchesOf = (schema: JsonSchema): JsonSchema[] => fieldsOf(schema)['payee']!['oneOf'] as JsonSchema[];

export const fieldCases: readonly FieldCase[] = [
  {
    name: 'a new required field',
    change: (schema) => {
      fieldsOf(schema)['reference'] = { type: 'string' };
      requiredOf(schema).push('reference');
    },
    field: '/reference',
    request: 'field.required',
  },
  {
    name: 'an optional field that is now required',
    change: (schema) => void requiredOf(schema).push('purpose'),
    field: '/purpose',
    request: 'field.required',
  },
  {
    name: 'a required field that is now optional',
    change: (schema) => {
      schema['required'] = requiredOf(schema).filter((name) => name !== 'share');
    },
    field: '/share',
    response: 'field.made_optional',
  },
  {
    name: 'a new optional field',
    change: (schema) => {
      fieldsOf(schema)['reference'] = { type: 'string' };
    },
    field: '/reference',
  },
  {
    name: 'a removed required field',
    change: (schema) => without(schema, 'amountMinor'),
    field: '/amountMinor',
    request: 'field.removed',
    response: 'field.removed',
  },
  {
    name: 'a removed optional field',
    change: (schema) => without(schema, 'purpose'),
    field: '/purpose',
    request: 'field.removed',
    response: 'field.removed',
  },
  {
    name: 'a renamed field',
    change: (schema) => {
      fieldsOf(schema)['valueMinor'] = fieldsOf(schema)['amountMinor']!;
      without(schema, 'amountMinor');
      requiredOf(schema).push('valueMinor');
    },
    field: '/amountMinor',
    request: 'field.renamed',
    response: 'field.renamed',
  },
  {
    name: 'a field of another type',
    change: (schema) => {
      fieldsOf(schema)['amountMinor'] = { type: 'string' };
    },
    field: '/amountMinor',
    request: 'field.retyped',
    response: 'field.retyped',
  },
  {
    name: 'a field of a narrower type',
    change: set('share', { type: 'integer' }),
    field: '/share',
    request: 'field.narrowed',
  },
  {
    name: 'a field of a wider type',
    change: set('amountMinor', { type: 'number' }),
    field: '/amountMinor',
    response: 'field.widened',
  },
  {
    name: 'a field of a list of another type',
    change: (schema) => {
      fieldsOf(schema)['tags']!['items'] = { type: 'integer' };
    },
    field: '/tags/-',
    request: 'field.retyped',
    response: 'field.retyped',
  },
  {
    name: 'a smaller enum',
    change: set('currency', { enum: ['EUR'] }),
    field: '/currency',
    request: 'enum.shrunk',
  },
  {
    name: 'a larger enum',
    change: set('currency', { enum: ['EUR', 'USD', 'CHF'] }),
    field: '/currency',
    response: 'enum.grown',
  },
  {
    name: 'a lower bound',
    change: set('amountMinor', { maximum: 500 }),
    field: '/amountMinor',
    request: 'bounds.narrowed',
  },
  {
    name: 'a higher bound',
    change: set('amountMinor', { maximum: 2_000 }),
    field: '/amountMinor',
    response: 'bounds.widened',
  },
  {
    name: 'a shorter text',
    change: set('purpose', { maxLength: 20 }),
    field: '/purpose',
    request: 'bounds.narrowed',
  },
  {
    name: 'a longer list',
    change: set('tags', { maxItems: 6 }),
    field: '/tags',
    response: 'bounds.widened',
  },
  {
    name: 'another pattern',
    change: set('purpose', { pattern: '^[a-z0-9]*$' }),
    field: '/purpose',
    request: 'pattern.changed',
    response: 'pattern.changed',
  },
  {
    name: 'a pattern that is gone',
    change: unset('purpose', 'pattern'),
    field: '/purpose',
    request: 'pattern.changed',
    response: 'pattern.changed',
  },
  {
    name: 'another format',
    change: set('dueAt', { format: 'date' }),
    field: '/dueAt',
    request: 'format.changed',
    response: 'format.changed',
  },
  {
    name: 'another default',
    change: set('capture', { default: 'manual' }),
    field: '/capture',
    request: 'default.changed',
    response: 'default.changed',
  },
  {
    name: 'a field that is no longer confidential',
    change: unset('number', 'x-classification'),
    field: '/number',
    request: 'classification.changed',
    response: 'classification.changed',
  },
  {
    name: 'a branch of a union that is gone',
    change: (schema) => void branchesOf(schema).pop(),
    field: '/payee',
    request: 'union.branch_removed',
  },
  {
    name: 'a new branch of a union',
    change: (schema) => {
      const branch = structuredClone(branchesOf(schema)[0]!);
      fieldsOf(branch)['kind']!['const'] = 'iban';
      branchesOf(schema).push(branch);
    },
    field: '/payee',
    response: 'union.branch_added',
  },
  {
    name: 'another field in one branch of a union',
    change: (schema) => {
      fieldsOf(branchesOf(schema)[0]!)['id'] = { type: 'integer' };
    },
    field: '/payee/id',
    request: 'field.retyped',
    response: 'field.retyped',
  },
  {
    name: 'another discriminator',
    change: set('payee', { 'x-discriminator': 'type' }),
    field: '/payee',
    request: 'discriminator.changed',
    response: 'discriminator.changed',
  },
  {
    name: 'a value that may now be null',
    change: (schema) => {
      fieldsOf(schema)['share'] = { anyOf: [fieldsOf(schema)['share']!, { type: 'null' }] };
    },
    field: '/share',
    response: 'union.branch_added',
  },
  {
    name: 'a keyword that the gate does not decide',
    change: set('address', { minProperties: 2 }),
    field: '/address',
    request: 'schema.undecided',
    response: 'schema.undecided',
  },
];
