import { describe, expect, test } from '@jest/globals';
import { fieldTable } from '../src/reference/fields.ts';

const rows = (schema: object): string[] =>
  fieldTable(schema as never)
    .split('\n')
    .slice(2)
    .map((line) => line.replaceAll(' |', '').replace('| ', ''));

describe('the table of the fields of a schema', () => {
  test('names nested fields by their path, each once', () => {
    const list = { type: 'array', items: { type: 'object', properties: { topic: { type: 'string' } } } };
    const schema = { type: 'object', properties: { permissions: list }, required: ['permissions'] };
    expect(fieldTable(schema).split('\n').slice(2)).toEqual([
      '| `permissions` | list of object | yes |  |',
      '| `permissions[].topic` | string | no |  |',
    ]);
  });

  test('shows the fields of variants together, and which of them not every variant requires', () => {
    const variant = (kind: string, other: string): object => ({
      type: 'object',
      properties: { kind: { const: kind }, [other]: { type: 'string' } },
      required: ['kind', other],
    });
    const payee = { oneOf: [variant('account', 'accountId'), variant('card', 'cardId')] };
    expect(rows({ type: 'object', properties: { payee } })).toEqual([
      '`payee` object no ',
      '`payee.kind` `"account"` or `"card"` yes ',
      '`payee.accountId` string for some ',
      '`payee.cardId` string for some ',
    ]);
  });

  test('gives limits, defaults and examples', () => {
    const fields = {
      amount: { type: 'integer', minimum: 1, maximum: 1000 },
      capture: { enum: ['automatic', 'manual'], default: 'automatic' },
      id: { type: 'string', examples: ['pay_1'], description: 'Names it' },
    };
    expect(rows({ type: 'object', properties: fields })).toEqual([
      '`amount` integer no at least 1, at most 1000',
      '`capture` `automatic`, `manual` no defaults to `"automatic"`',
      '`id` string no Names it; such as `pay_1`',
    ]);
  });
});
