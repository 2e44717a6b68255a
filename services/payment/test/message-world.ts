import { auditMigrations } from '@tallystick/audit';
import { messages, newId, type DataOf, type MessageDefinition } from '@tallystick/contracts';
import { messagingMigrations } from '@tallystick/messaging';
import { deliver, received, type Delivered, type SentMessage } from '@tallystick/messaging/testing';
import { openTestDatabase } from '@tallystick/postgres/testing';
import type { OpenedMessage } from '@tallystick/security';

import type { Payment } from '../src/domain/payment.ts';
import { accountEvents } from '../src/messages/account-events.ts';
import { cardEvents } from '../src/messages/card-events.ts';
import { noteAccountOwners } from '../src/messages/note-account-owners.ts';
import { noteMandates } from '../src/messages/note-mandates.ts';
import { paymentCommands } from '../src/messages/payment-commands.ts';
import { stepsOfPayments } from '../src/messages/take-asked-steps.ts';
import { paymentStore } from '../src/store/payment-store.ts';
import { findPayments } from '../src/store/payments.ts';
import { paymentSchema } from '../src/store/schema.ts';

type Order = DataOf<typeof messages.paymentCreate>;

/** The handlers of the payment service on a database; the tests write the messages of all others. */
export interface MessageWorld {
  /** Delivers commands of the third party `acme`. */
  command(...commands: OpenedMessage[]): Promise<Delivered>;
  /** Delivers commands that have expired. */
  expiredCommand(...commands: OpenedMessage[]): Promise<Delivered>;
  /** Delivers an event of the ledger or of the card service. @throws if the facts do not match its schema */
  answer(definition: MessageDefinition, facts: object): Promise<SentMessage[]>;
  payment(paymentId: string): Promise<Payment>;
  stop(): Promise<void>;
}

export async function startMessageWorld(): Promise<MessageWorld> {
  const { pool, close } = await openTestDatabase(messagingMigrations, auditMigrations, paymentSchema);
  const steps = stepsOfPayments({ storeOf: paymentStore, nowMs: Date.now });
  const commands = paymentCommands(steps);
  const ledger = accountEvents(steps, noteAccountOwners(paymentStore), noteMandates(paymentStore));
  const cards = cardEvents(steps);
  return {
    command: (...all) => deliver(pool, commands, all),
    expiredCommand: (...all) => deliver(pool, commands, all, { expired: true }),
    async answer(definition, facts) {
      const from = definition.topic === messages.authorizationApproved.topic ? cards : ledger;
      return (await deliver(pool, from, [received(definition, facts as never)])).sent;
    },
    async payment(paymentId) {
      const [payment] = await findPayments(pool, [paymentId]);
      if (payment === undefined) throw new Error(`there is no payment ${paymentId}`);
      return payment;
    },
    stop: close,
  };
}

/** Builds a command as the third party `acme` signed it. */
export function signedBy<Definition extends MessageDefinition>(
  iss: string,
  definition: Definition,
  data: DataOf<Definition>,
): OpenedMessage {
  return { ...received(definition, data, { iss }), jws: 'signed.by.client' };
}

/** Builds an order of 100 from an account, or with other values. */
export function order(changes: Partial<Order> = {}): Order {
  return {
    paymentId: newId('pay'),
    source: { kind: 'account', accountId: newId('acc') },
    payee: { kind: 'account', accountId: newId('acc') },
    amountMinor: 100n,
    currency: 'EUR',
    endToEndId: newId('pay').slice(-30),
    capture: 'automatic',
    capturedBy: 'initiator',
    ...changes,
  };
}
