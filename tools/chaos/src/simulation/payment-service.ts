import { CodedError, type DataOf, type Evidence, type messages } from '@tallystick/contracts';
import { subscriptions } from '@tallystick/messaging';
import type { PaymentStore } from '@tallystick/payment/app/payment-store.ts';
import { namesOf } from '@tallystick/payment/app/payment-step.ts';
import { takeSteps } from '@tallystick/payment/app/take-steps.ts';
import type { PaymentParties } from '@tallystick/payment/domain/roles.ts';
import { endToEndKey, type Movement, type Payment } from '@tallystick/payment/domain/payment.ts';
import { accountEvents } from '@tallystick/payment/messages/account-events.ts';
import { cardEvents } from '@tallystick/payment/messages/card-events.ts';
import { noteAccountOwners } from '@tallystick/payment/messages/note-account-owners.ts';
import { noteMandates } from '@tallystick/payment/messages/note-mandates.ts';
import { paymentCommands } from '@tallystick/payment/messages/payment-commands.ts';
import { stepsOfPayments } from '@tallystick/payment/messages/take-asked-steps.ts';
import { MERCHANT, PAYER, PRODUCER } from './parties.ts';
import { memoryOf, Table, type MemoryTransaction } from './database.ts';
import type { Parts } from './parts.ts';
import { SimulatedService, type Surroundings } from './service.ts';

/** The third party acts for every merchant. */
const PARTIES: PaymentParties = { payerId: PAYER, payeeId: MERCHANT, payeeAgentIds: [PRODUCER] };

export type CreateOrder = DataOf<typeof messages.paymentCreate>;

/** The payment service, with tables in memory and real code for everything else. */
export class PaymentService {
  readonly payments = new Table<Payment>('payment');
  readonly movements = new Table<Movement>('movement');
  readonly service: SimulatedService;
  readonly #endToEndIds = new Table<object>('end_to_end_id');
  readonly #operationIds = new Table<object>('operation_id');
  readonly #answers = new Table<{ paymentId: string }>('idempotency_key');
  readonly #around: Surroundings;

  constructor(around: Surroundings, parts: Parts) {
    this.#around = around;
    const storeOf = (tx: object): PaymentStore => this.#storeOf(memoryOf(tx));
    const steps = parts.steps(stepsOfPayments({ storeOf, nowMs: around.nowMs }), this.payments);
    this.service = new SimulatedService(
      'payment',
      around,
      subscriptions('payment', {
        'payment.commands.v1': paymentCommands(steps),
        'account.events.v1': accountEvents(steps, noteAccountOwners(storeOf), noteMandates(storeOf)),
        'card.events.v1': cardEvents(steps),
      }),
    );
  }

  /**
   * Executes `POST /v1/payments` under an idempotency key.
   * @returns the payment's id, or `undefined` if the process died before its response
   */
  order(
    subject: string,
    idempotencyKey: string,
    { paymentId, ...order }: CreateOrder,
    evidence: Evidence,
  ): Promise<string | undefined> {
    return this.service.transaction(async (tx, send) => {
      const answered = tx.get(this.#answers, idempotencyKey);
      if (answered !== undefined) return answered.paymentId;
      const store = this.#storeOf(tx);
      const step = {
        kind: 'create' as const,
        paymentId,
        order: { ...order, initiator: { kind: 'subject' as const, id: subject } },
        evidence,
        txn: paymentId,
        options: {},
      };
      const [result] = takeSteps(
        store,
        send,
        await store.load(namesOf([step])),
        [step],
        this.#around.nowMs(),
      );
      if (result instanceof CodedError) throw result;
      tx.put(this.#answers, idempotencyKey, { paymentId });
      return paymentId;
    });
  }

  #storeOf(tx: MemoryTransaction): PaymentStore {
    return {
      load: ({ paymentIds, commandedIds, transferIds, operationIds, orders }) =>
        Promise.resolve({
          payments: found(paymentIds, this.payments, tx),
          movements: found(transferIds, this.movements, tx),
          operationIds: new Set(found(operationIds, this.#operationIds, tx).keys()),
          endToEndIds: new Set(found(orders.map(endToEndKey), this.#endToEndIds, tx).keys()),
          parties: new Map(commandedIds.map((paymentId) => [paymentId, PARTIES])),
        }),
      // The audit follows from the results, which the promises look at.
      audit: () => undefined,
      save: ({ newPayments, changedPayments, newMovements, changedMovements }) => {
        for (const payment of newPayments) {
          tx.insert(this.payments, payment.paymentId, payment);
          tx.insert(this.#endToEndIds, endToEndKey(payment), {});
        }
        for (const payment of changedPayments) {
          tx.put(this.payments, payment.paymentId, payment);
          if (payment.endToEndIdFreed) tx.delete(this.#endToEndIds, endToEndKey(payment));
        }
        for (const movement of newMovements) {
          tx.insert(this.movements, movement.transferId, movement);
          tx.insert(this.#operationIds, movement.operationId, {});
        }
        for (const movement of changedMovements) tx.put(this.movements, movement.transferId, movement);
      },
      insertAccountOwners: noneHere,
      saveMandates: noneHere,
      deleteMandates: noneHere,
    };
  }
}

function noneHere(): never {
  throw new Error('the simulation opens its accounts and grants its mandates before it begins');
}

function found<Row extends object>(
  keys: readonly string[],
  table: Table<Row>,
  tx: MemoryTransaction,
): Map<string, Row> {
  return new Map(
    keys.flatMap((key) => {
      const row = tx.get(table, key);
      return row === undefined ? [] : [[key, row] as const];
    }),
  );
}
