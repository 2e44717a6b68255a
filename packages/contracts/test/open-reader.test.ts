import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';

import { messages, openReader, responseCodeOf, type MessageDefinition } from '../src/index.ts';
import { payloadOf } from './payload-of.ts';

const events = Object.values<MessageDefinition>(messages).filter(({ kind }) => kind === 'event');

/** Adds a field to every object of a payload, as a later release might. */
function withNewFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNewFields);
  if (typeof value !== 'object' || value === null) return value;
  return {
    ...Object.fromEntries(Object.entries(value).map(([name, field]) => [name, withNewFields(field)])),
    addedLater: 1,
  };
}

describe.each(events.map((event) => [event.type, event] as const))('the event %s', (_type, { data }) => {
  test('is read with fields that a later release added, at any depth', () => {
    const payload = payloadOf(data);
    expect(z.decode(data, withNewFields(payload) as never)).toEqual(z.decode(data, payload as never));
  });

  test('is read and written with enum values that a later release added', () => {
    const later = payloadOf(data, 'added_later');
    const read = z.decode(data, later as never);
    expect(z.encode(data, read)).toEqual(later);
  });
});

test('a reader keeps an unknown variant and refuses values that are not a variant', () => {
  const reader = openReader(
    z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('account'), accountId: z.string() }),
      z.strictObject({ kind: z.literal('card'), cardId: z.string() }),
    ]),
  );
  expect(reader.parse({ kind: 'iban', iban: 'CH93' })).toEqual({ kind: 'iban', iban: 'CH93' });
  expect(reader.parse({ kind: 'card', cardId: 'c', brand: 'x' })).toEqual({ kind: 'card', cardId: 'c' });
  expect(reader.safeParse({ iban: 'CH93' }).success).toBe(false);
});

test('a command with an unknown enum value or field is refused', () => {
  const order = payloadOf(messages.paymentCreate.data) as object;
  const accepts = (changes: object): boolean =>
    messages.paymentCreate.data.safeParse({ ...order, ...changes }).success;
  expect(accepts({})).toBe(true);
  expect(accepts({ currency: 'XXX' })).toBe(false);
  expect(accepts({ addedLater: 1 })).toBe(false);
  expect(accepts({ payee: { kind: 'iban', iban: 'CH93' } })).toBe(false);
});

test('a reason code of a later release has the response code 05 (do not honour)', () => {
  expect(responseCodeOf('card.stolen_later')).toBe('05');
  expect(responseCodeOf('ledger.insufficient_funds')).toBe('51');
});
