import { messages, newId, operations, type MessageDefinition } from '@tallystick/contracts';
import { Edge } from '@tallystick/http';
import { customer, startEdgeWorld, type Customer, type EdgeWorld } from '@tallystick/http/testing';
import { messagingMigrations, type Send } from '@tallystick/messaging';
import { deliver, noteSent, received, type SentMessage } from '@tallystick/messaging/testing';
import { transaction } from '@tallystick/postgres';
import { createLogger } from '@tallystick/telemetry';

import { OutcomeWaiter } from '../src/http/outcome-waiter.ts';
import { serveAudit, serveSettings } from '@tallystick/service';
import { paymentRoutes } from '../src/http/payment-routes.ts';
import { accountEvents } from '../src/messages/account-events.ts';
import { cardEvents } from '../src/messages/card-events.ts';
import { noteAccountOwners } from '../src/messages/note-account-owners.ts';
import { noteMandates } from '../src/messages/note-mandates.ts';
import { stepsOfPayments } from '../src/messages/take-asked-steps.ts';
import { paymentStore } from '../src/store/payment-store.ts';
import { paymentSchema } from '../src/store/schema.ts';

export interface OwnedAccount {
  accountId: string;
  ownerId: string;
}

/** The routes of the payment service on a database, with customers; the tests answer as the ledger. */
export interface PaymentWorld extends EdgeWorld {
  port: number;
  by(subject: string): Customer;
  /** The messages sent since the test emptied the list. */
  sent: SentMessage[];
  /** Creates a customer's account that the payment service knows. */
  account(ownerId: string): Promise<OwnedAccount>;
  /** Orders a payment of 100 and answers as the ledger: the hold is placed, or the transfer posted. @returns its id */
  pay(
    from: OwnedAccount,
    to: OwnedAccount,
    capture: 'automatic' | 'manual',
    changes?: object,
  ): Promise<string>;
  /** Answers as the ledger that the hold was placed. */
  answerHold(): Promise<void>;
  /** Answers as the ledger that it posted the last requested transfer. */
  answerTransfer(): Promise<void>;
  /** Answers the last message of a type as its receiver, with the facts of the message and with others. */
  answer(asked: MessageDefinition, answer: MessageDefinition, facts?: object): Promise<void>;
}

/** Builds an order of 100 under a unique end-to-end id. */
export const orderOf = (from: OwnedAccount, to: OwnedAccount, changes: object = {}) => ({
  source: { kind: 'account', accountId: from.accountId },
  payee: { kind: 'account', accountId: to.accountId },
  amountMinor: 100,
  currency: 'EUR',
  endToEndId: newId('pay').slice(-30),
  ...changes,
});

export async function startPaymentWorld(): Promise<PaymentWorld> {
  const world = await startEdgeWorld(messagingMigrations, paymentSchema);
  const { pool } = world;
  const sent: SentMessage[] = [];
  const edge = new Edge<Send>({
    ...world.edgeOptions,
    service: 'payment',
    transact: async (work) => {
      const inTransaction: SentMessage[] = [];
      const result = await transaction(pool, (tx) => work(tx, noteSent(inTransaction)));
      sent.push(...inTransaction);
      return result;
    },
  });
  const silent = createLogger({ service: 'test', level: 'silent', confidentialFields: [] });
  paymentRoutes(edge, pool, new OutcomeWaiter(pool, silent), Date.now);
  serveAudit('payment', edge, pool);
  serveSettings('payment', edge, { settings: {}, releaseId: 'test', startedAt: new Date() });
  const port = await edge.listen(0);
  const steps = stepsOfPayments({ storeOf: paymentStore, nowMs: Date.now });
  const events = accountEvents(steps, noteAccountOwners(paymentStore), noteMandates(paymentStore));
  const cards = cardEvents(steps);
  const deliverEvent = async (message: ReturnType<typeof received>): Promise<void> => {
    const from = message.definition.topic === messages.authorizationApproved.topic ? cards : events;
    sent.push(...(await deliver(pool, from, [message])).sent);
  };
  const lastAsked = (type: string): Record<string, unknown> => {
    const found = sent.findLast((one) => one.type === type);
    if (found === undefined) throw new Error(`no ${type} was sent to the ledger`);
    return found.data;
  };
  const answer: PaymentWorld['answer'] = (asked, definition, facts = {}) => {
    const { evidence: _evidence, ...same } = lastAsked(asked.type);
    return deliverEvent(received(definition, { ...same, ...facts } as never));
  };
  const answerHold = (): Promise<void> => answer(messages.holdPlace, messages.holdPlaced);
  const answerTransfer = (): Promise<void> => answer(messages.transferCreate, messages.transferPosted);
  const by = (subject: string): Customer => customer(world, port, subject);

  return {
    ...world,
    port,
    by,
    sent,
    answer,
    answerHold,
    answerTransfer,
    async account(ownerId) {
      const accountId = newId('acc');
      const opened = { accountId, ownerId, kind: 'customer', currency: 'EUR' } as const;
      await deliverEvent(received(messages.accountOpened, opened));
      return { accountId, ownerId };
    },
    async pay(from, to, capture, changes) {
      const { body } = await by(from.ownerId)(operations.createPayment, {
        body: orderOf(from, to, { capture, ...changes }),
      });
      await (capture === 'manual' ? answerHold() : answerTransfer());
      return String(body['paymentId']);
    },
    async stop() {
      await edge.close();
      await world.stop();
    },
  };
}
