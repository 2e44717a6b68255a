import { describe, expect, test } from '@jest/globals';
import { messages } from '@tallystick/contracts';
import { faultsOf, type Answered } from '../src/messages/judge.ts';
import type { Sent } from '../src/messages/send.ts';
import type { Refused } from '../src/messages/settled.ts';

const sent = (isValid: boolean): Sent[] => [
  {
    definition: messages.paymentCancel as never,
    version: 1,
    payload: {},
    isValid,
    mark: 'one',
    topic: messages.paymentCancel.topic,
    claims: {} as never,
  },
];
const refusedFor = (reason: string): Refused[] => [{ mark: 'one', reason, consumer: 'payment' }];
const answered = (answer: Answered | undefined): ReadonlyMap<string, Answered | undefined> =>
  new Map([['one', answer]]);
const rejection = (code: string): Answered => ({ type: 'payment.command_rejected', code });

describe('a message that its schema refuses', () => {
  test('is quarantined by its schema', () => {
    const refused = refusedFor('envelope.schema_invalid');
    expect(faultsOf({ sent: sent(false), refused, answers: new Map() })).toEqual([]);
  });

  test.each([
    [[], 'took what the schema refuses'],
    [refusedFor('message.handler_failed'), 'failed on it'],
    [refusedFor('envelope.expired'), 'not by its schema'],
    [refusedFor('no.such_reason'), 'which no document names'],
  ])('is a fault otherwise (%j)', (refused, fault) => {
    expect(faultsOf({ sent: sent(false), refused, answers: new Map() }).join()).toContain(fault);
  });
});

describe('a command that its schema accepts', () => {
  test.each([{ type: 'payment.cancelled', code: undefined }, rejection('payment.not_found')])(
    'is answered (%j)',
    (answer) => {
      expect(faultsOf({ sent: sent(true), refused: [], answers: answered(answer) })).toEqual([]);
    },
  );

  test.each([
    [undefined, 'nobody answered it'],
    [rejection('internal'), 'payment.command_rejected: internal'],
    [rejection('no.such_code'), 'no document names no.such_code'],
  ])('is a fault otherwise (%j)', (answer, fault) => {
    expect(faultsOf({ sent: sent(true), refused: [], answers: answered(answer) }).join()).toContain(fault);
  });

  test('is a fault if it is quarantined', () => {
    const refused = refusedFor('envelope.schema_invalid');
    expect(faultsOf({ sent: sent(true), refused, answers: answered(undefined) }).join()).toContain(
      'refused what the schema accepts',
    );
  });
});
