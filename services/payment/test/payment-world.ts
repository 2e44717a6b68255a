import { messages, newId, operations } from '@tallystick/contracts';
import { Edge } from '@tallystick/http';
import { customer, startEdgeWorld, type Customer, type EdgeWorld } from '@tallystick/http/testing';
import { messagingMigrations, type Send } from '@tallystick/messaging';
import { deliver, noteSent, received, type SentMessage } from '@tallystick/messaging/testing';
import { transaction } from '@tallystick/postgres';
import { createLogger } from '@tallystick/telemetry';

import { OutcomeWaiter } from '../src/http/outcome-waiter.ts';
import { paymentRoutes } from '../src/http/payment-routes.ts';
import { accountEvents } from '../src/messages/account-events.ts';
import { noteAccountOwners } from '../src/messages/note-account-owners.ts';
import { stepsOfPayments } from '../src/messages/take-asked-steps.ts';
import { paymentStore } from '../src/store/payment-store.ts';
import { paymentSchema } from '../src/store/schema.ts';

export interface OwnedAccount {
  accountId: string;
  ownerId: string;
}

/** The routes of the payment service on a database, with customers; the tests answer for the ledger. */
export interface PaymentWorld extends EdgeWorld {
  port: number;
  by(subject: string): Customer;
  /** What was sent since it was last emptied. */
  sent: SentMessage[];
  /** An account of a customer, of which the payment service heard. */
  account(ownerId: string): Promise<OwnedAccount>;
  /** Orders a payment of 100 and has the ledger answer: it holds the amount, or moved it. @returns its id */
  pay(from: OwnedAccount, to: OwnedAccount, capture: 'automatic' | 'manual'): Promise<string>;
  /** Has the ledger answer that a hold was placed. */
  answerHold(): Promise<void>;
  /** Has the ledger answer that it moved what was asked last. */
  answerTransfer(): Promise<void>;
}

/** An order of 100, under an end-to-end id that no other has. */
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
  const port = await edge.listen(0);
  const steps = stepsOfPayments({ storeOf: paymentStore, nowMs: Date.now });
  const events = accountEvents(steps, noteAccountOwners(paymentStore));
  const tell = async (message: ReturnType<typeof received>): Promise<void> =>
    void sent.push(...(await deliver(pool, events, [message])).sent);
  const lastAsked = (type: string): Record<string, unknown> => {
    const found = sent.findLast((one) => one.type === type);
    if (found === undefined) throw new Error(`nothing was asked of the ledger by ${type}`);
    return found.data;
  };
  const answerHold = (): Promise<void> => {
    const { evidence: _evidence, ...facts } = lastAsked(messages.holdPlace.type);
    return tell(received(messages.holdPlaced, facts as never));
  };
  const answerTransfer = (): Promise<void> => {
    const { evidence: _evidence, ...facts } = lastAsked(messages.transferCreate.type);
    return tell(received(messages.transferPosted, facts as never));
  };
  const by = (subject: string): Customer => customer(world, port, subject);

  return {
    ...world,
    port,
    by,
    sent,
    answerHold,
    answerTransfer,
    async account(ownerId) {
      const accountId = newId('acc');
      const opened = { accountId, ownerId, kind: 'customer', currency: 'EUR' } as const;
      await tell(received(messages.accountOpened, opened));
      return { accountId, ownerId };
    },
    async pay(from, to, capture) {
      const { body } = await by(from.ownerId)(operations.createPayment, {
        body: orderOf(from, to, { capture }),
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
