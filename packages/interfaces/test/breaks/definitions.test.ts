import { describe, expect, test } from '@jest/globals';
import { authority, command, event, operation, scopes, type Register } from '@tallystick/contracts';
import * as z from 'zod';
import { compareContracts, currentContracts, type BreakKind, type Contracts } from '../../src/index.ts';
import { TODAY } from './base.ts';

type Shape = z.ZodRawShape;

/** The contracts of one operation, one command and one event, each with these fields. */
function contractsOf(fields: Shape): Contracts {
  const since = '2026-11-01';
  const message = { summary: 'A thing', key: 'paymentId', replay: 'none' } as const;
  const data = { paymentId: z.string(), ...fields };
  const register = {
    messages: {
      asked: command('payment.ask', {
        ...message,
        from: ['client'],
        to: 'payment',
        outcomes: [],
        current: { since, data },
      }),
      told: event('card.told', { ...message, to: ['payment'], current: { since, data } }),
    },
    operations: {
      ask: operation('payment.ask', {
        service: 'payment',
        method: 'POST',
        path: '/asked',
        summary: 'Ask',
        scope: 'payments:write',
        proof: 'dpop',
        successStatuses: [200],
        current: { since, body: z.strictObject(fields), response: z.object(fields) },
      }),
    },
    scopes,
    authority,
  } as unknown as Register;
  return currentContracts(TODAY, register);
}

const branch = (kind: string): z.ZodType => z.object({ kind: z.literal(kind), id: z.string() });
const unionOf = (...kinds: string[]): z.ZodType =>
  z.discriminatedUnion('kind', kinds.map(branch) as never) as z.ZodType;

/** A field before and after, and its breaks in a request or command, a response, an event. */
const cases: [string, Shape, Shape, BreakKind[], BreakKind[], BreakKind[]][] = [
  ['a new optional field', {}, { note: z.string().optional() }, [], [], []],
  ['a new field with a default', {}, { note: z.string().default('none') }, [], [], []],
  ['a new required field', {}, { note: z.string() }, ['field.required'], [], ['field.required']],
  // A reader of an event keeps values and branches that it does not know.
  ['a value more', { note: z.enum(['a']) }, { note: z.enum(['a', 'b']) }, [], ['enum.grown'], []],
  ['a value less', { note: z.enum(['a', 'b']) }, { note: z.enum(['a']) }, ['enum.shrunk'], [], []],
  [
    'a branch more',
    { note: unionOf('a', 'b') },
    { note: unionOf('a', 'b', 'c') },
    [],
    ['union.branch_added'],
    [],
  ],
  [
    'an amount that may be zero',
    { note: z.int().min(1).max(9) },
    { note: z.int().min(0).max(9) },
    [],
    ['bounds.widened'],
    ['bounds.widened'],
  ],
];

describe('between two definitions', () => {
  test.each(cases)('%s', (_name, before, after, asked, answered, told) => {
    const { breaks } = compareContracts(contractsOf(before), contractsOf(after), TODAY);
    const at = (name: string, place: string): BreakKind[] =>
      breaks.filter((one) => one.interface === name && one.field.startsWith(place)).map(({ kind }) => kind);
    expect(at('operation payment.ask', '/body')).toEqual(asked);
    expect(at('message payment.ask', '/data')).toEqual(asked);
    expect(at('operation payment.ask', '/response')).toEqual(answered);
    expect(at('message card.told', '/data')).toEqual(told);
  });
});
