import { expect, test } from '@jest/globals';

import { lift, lower, messages, newId } from '../src/index.ts';

test('version 1 of a tokenization names the same token in the form of a card id', () => {
  const [tokenizationId, cardToken] = [newId('tok'), newId('ctk')];
  const current = { tokenizationId, cardToken, last4: '1111' };
  const lowered = lower(messages.cardTokenized, 1, current);
  expect(lowered).toEqual({ tokenizationId, cardId: cardToken.replace('ctk_', 'crd_'), last4: '1111' });
  const { data } = messages.cardTokenized.versions[1]!;
  expect(lift(messages.cardTokenized, 1, data.parse(lowered))).toEqual(current);
});
