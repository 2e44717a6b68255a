import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import {
  defaultObjectives,
  event,
  messages,
  operation,
  operations,
  services,
  type MessageDefinition,
  type Objective,
} from '../src/index.ts';

const current = { since: '2026-11-29', response: z.object({}) };
const disputeList = (objective?: Partial<Objective>) =>
  operation('card.dispute.list', {
    service: 'card',
    method: 'GET',
    path: '/disputes',
    summary: 'List disputes',
    scope: 'cards:read',
    proof: 'none',
    ...(objective === undefined ? {} : { objective }),
    current,
  });

describe('the objective of an operation', () => {
  test('follows from its kind', () => {
    expect(operations.getPayment.objective).toEqual(defaultObjectives.read);
    expect(operations.transferPost.objective).toEqual(defaultObjectives.write);
    expect(operations.createPayment.objective).toEqual(defaultObjectives.writeWithOutcome);
  });

  test('differs in the part that its definition names', () => {
    expect(disputeList({ availability: 0.99 }).objective).toEqual({
      ...defaultObjectives.read,
      availability: 0.99,
    });
  });

  test.each([0.9, 1, 99.9, Number.NaN])(
    'is refused with the share %p, which no alert could watch',
    (share) => {
      expect(() => disputeList({ availability: share })).toThrow('card.dispute.list: the share');
      expect(() => disputeList({ latency: { thresholdS: 0.25, share } })).toThrow(
        'card.dispute.list: the share',
      );
    },
  );
});

describe('the objective of a message', () => {
  test('exists if a service handles it from its topic', () => {
    for (const { type, topic, to, objective } of Object.values<MessageDefinition>(messages)) {
      const isHandled = topic !== 'card.decisions.v1' && services.some((service) => to.includes(service));
      expect([type, objective]).toEqual([type, isHandled ? defaultObjectives.message : undefined]);
    }
  });

  test('is refused if no service handles it', () => {
    expect(() =>
      event('card.disputed', {
        to: [],
        replay: 'none',
        summary: 'A payment is disputed',
        key: 'cardId',
        objective: { availability: 0.99 },
        current: { since: '2026-11-29', data: { cardId: z.string() } },
      }),
    ).toThrow('card.disputed: no service handles it');
  });
});
