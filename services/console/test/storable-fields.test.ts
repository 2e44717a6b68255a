import { describe, expect, test } from '@jest/globals';
import {
  confidentialFieldNames,
  isConfidential,
  messages,
  newId,
  type MessageDefinition,
} from '@tallystick/contracts';
import * as z from 'zod';
import { recordIds } from '../src/message-index/record-ids.ts';
import { storableFields } from '../src/message-index/storable-fields.ts';
import { storedText } from '../src/message-index/stored-text.ts';

const SECRET = 'the secret itself';
const PLAIN = 'plain';

interface Definition {
  shape?: Record<string, z.ZodType>;
  innerType?: z.ZodType;
  element?: z.ZodType;
  options?: readonly z.ZodType[];
  values?: readonly unknown[];
}

/** Fills every field of a schema: confidential ones with the secret. A union is filled with each of its options. */
function filled(schema: z.ZodType, isSecret = false): unknown[] {
  const secret = isSecret || isConfidential(schema);
  const def = schema._zod.def as unknown as Definition;
  if (def.innerType !== undefined) return filled(def.innerType, secret);
  if (def.options !== undefined) return def.options.flatMap((option) => filled(option, secret));
  if (def.element !== undefined) return [filled(def.element, secret)];
  if (def.shape !== undefined) {
    let all: Record<string, unknown>[] = [{}];
    for (const [name, field] of Object.entries(def.shape))
      all = filled(field, secret).flatMap((value) => all.map((one) => ({ ...one, [name]: value })));
    return all;
  }
  return [secret ? SECRET : (def.values?.[0] ?? PLAIN)];
}

const versions = Object.values<MessageDefinition>(messages).flatMap(({ type, versions: all }) =>
  Object.entries(all).map(([version, { data }]) => [`${type} ${version}`, data] as const),
);

describe('the stored fields of a message', () => {
  test.each(versions)('%s: are all but the confidential ones', (_name, schema) => {
    for (const value of filled(schema)) {
      const stored = JSON.stringify(storableFields(schema, value) ?? {});
      expect(stored).not.toContain(SECRET);
      expect(stored.includes(PLAIN)).toBe(JSON.stringify(value).includes(PLAIN));
    }
  });

  test('are none of the confidential names, wherever they stand', () => {
    const names = confidentialFieldNames();
    expect(names).toEqual(expect.arrayContaining(['accessToken', 'body', 'envelope', 'number', 'proof']));
    for (const [, schema] of versions)
      for (const value of filled(schema)) {
        const stored = JSON.stringify(storableFields(schema, value) ?? {});
        for (const name of names) expect(stored).not.toContain(`"${name}":`);
      }
  });

  test('leave out what the schema does not name, and what has another form', () => {
    const schema = z.object({ paymentId: z.string(), inner: z.object({ a: z.string() }) });
    const value = { paymentId: ['x'], inner: 'y', number: '4111111111111111', toString: 'z' };
    expect(storableFields(schema, value)).toBeUndefined();
  });

  test('are masked, cut and kept in one line', () => {
    const text = `4111 1111 1111 1111\n\u202Eevil\0${'x'.repeat(500)}`;
    const stored = storableFields(z.object({ note: z.string() }), { note: text }) as { note: string };
    expect(stored.note).toHaveLength(400);
    expect(stored.note.startsWith('**** **** **** ****��evil�x')).toBe(true);
    expect(storedText('<b>"&', 10)).toBe('<b>"&');
  });
});

describe('the ids of a record', () => {
  test('are those with a prefix, end-to-end ids and producers, at any depth, each once', () => {
    const [paymentId, holdId, cardId] = [newId('pay'), newId('hld'), newId('crd')];
    const facts = {
      paymentId,
      endToEndId: 'INVOICE 1',
      code: 'ledger.insufficient_funds',
      source: { kind: 'card', cardId },
      grantee: { kind: 'producer', id: 'acme' },
      holds: [holdId],
    };
    expect(recordIds(facts, [paymentId, 'payment', undefined])).toEqual([
      paymentId,
      'payment',
      'INVOICE 1',
      cardId,
      'acme',
      holdId,
    ]);
  });

  test('are never card numbers, and never many', () => {
    expect(recordIds({ endToEndId: '4111111111111111' }, ['4111 1111 1111 1111'])).toEqual([]);
    const holds = Array.from({ length: 100 }, () => newId('hld'));
    expect(recordIds({ holds }, [])).toHaveLength(40);
  });
});
