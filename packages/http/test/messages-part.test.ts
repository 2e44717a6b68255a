import { describe, expect, test } from '@jest/globals';
import { documentFragments, messages } from '@tallystick/contracts';
import { messagesPart } from '../src/documents/messages-part.ts';

describe('the messages on the page of documents', () => {
  test('are those that the service sends or handles, each at its fragment', () => {
    const { markup } = messagesPart('payment');
    const placeOf = (type: string): string => `<article id="${documentFragments.message(type)}"`;
    for (const { type } of [messages.paymentCaptured, messages.paymentCreate, messages.holdPlaced])
      expect(markup).toContain(placeOf(type));
    expect(markup).not.toContain(placeOf(messages.cardTokenize.type));
  });

  test('are no part of the page of a service without messages', () => {
    expect(messagesPart('other').markup).toBe('');
  });
});
