import { describe, expect, test } from '@jest/globals';
import { messages, type MessageDefinition } from '@tallystick/contracts';

import type { Batch, IncomingMessage } from '../src/consume/batch.ts';
import { handledBy, subscription, subscriptions, type UseCase } from '../src/consume/subscription.ts';

const messageOf = (definition: MessageDefinition, data: object): IncomingMessage =>
  ({ opened: { definition, data } }) as unknown as IncomingMessage;
const cancelOf = (paymentId: string) => messageOf(messages.paymentCancel, { paymentId });
const refundOf = (paymentId: string) => messageOf(messages.paymentRefund, { paymentId });

/** A use case that records its requests. */
function noting(name: string, notes: string[]): UseCase<string, number> {
  return {
    prepare: async (asked) => asked.length,
    async carryOut(asked, { prepared, firstSeen }) {
      const isNew = await firstSeen;
      const items = asked.filter(({ message }) => isNew.has(message)).map(({ item }) => item);
      notes.push(`${name} ${prepared}: ${items.join(' ')}`);
    },
    async onExpired(asked) {
      notes.push(`${name} expired: ${asked.map(({ item }) => item).join(' ')}`);
    },
  };
}

describe('a table of handlers', () => {
  const notes: string[] = [];
  const orders = handledBy(noting('orders', notes));
  const returns = handledBy(noting('returns', notes));
  const order = orders(
    (message) => (message as IncomingMessage<{ paymentId: string }>).opened.data.paymentId,
  );
  const table = subscription('payment', 'payment.commands.v1', {
    'payment.create': order,
    'payment.capture': order,
    'payment.cancel': orders(({ opened }) => opened.data.paymentId),
    'payment.refund': returns(({ opened }) =>
      opened.data.paymentId === 'another’s' ? undefined : opened.data.paymentId,
    ),
  });
  const handle = async (messagesOfBatch: IncomingMessage[], fresh = new Set(messagesOfBatch)) => {
    notes.length = 0;
    const prepared = await table.prepare!(messagesOfBatch);
    const batch: Batch = { messages: messagesOfBatch, prepared, firstSeen: Promise.resolve(fresh) };
    await table.handle(batch, undefined as never, () => {});
    return [...notes];
  };

  test('passes each use case all its requests of a batch, in order', async () => {
    const said = await handle([refundOf('p1'), cancelOf('p2'), refundOf('p3'), cancelOf('p4')]);
    expect(said).toEqual(['orders 2: p2 p4', 'returns 2: p1 p3']);
  });

  test('does not call a use case without requests', async () => {
    expect(await handle([cancelOf('p1')])).toEqual(['orders 1: p1']);
    expect(await handle([refundOf('another’s')])).toEqual([]);
  });

  test('marks messages that were handled before', async () => {
    const [first, second] = [cancelOf('p1'), cancelOf('p2')];
    expect(await handle([first, second], new Set([second]))).toEqual(['orders 2: p2']);
  });

  test('passes expired messages to their use case', async () => {
    notes.length = 0;
    await table.onExpired!([cancelOf('p1')], undefined as never, () => {});
    expect(notes).toEqual(['orders expired: p1']);
  });

  test('does not compile, and fails the start, with a missing or an additional type', () => {
    const { 'payment.cancel': _left, ...rest } = {
      'payment.create': order,
      'payment.capture': order,
      'payment.cancel': order,
      'payment.refund': order,
    };
    // @ts-expect-error A handler is missing.
    expect(() => subscription('payment', 'payment.commands.v1', rest)).toThrow(
      'handlers of payment.commands.v1: missing payment.cancel, unknown none',
    );
    expect(() => subscription('card', 'card.commands.v1', { 'card.invented': order } as never)).toThrow(
      'unknown card.invented',
    );
  });
});

test('a service without a subscription to a topic does not start', () => {
  // @ts-expect-error A subscription is missing.
  expect(() => subscriptions('account', {})).toThrow('subscriptions of account: missing account.commands.v1');
});
