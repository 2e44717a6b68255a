import { CodedError, messages, type DataOf, type Evidence } from '@tallystick/contracts';
import { newPayment, type Movement, type Payment } from '@tallystick/payment/domain/payment.ts';
import type { Step } from '@tallystick/payment/domain/saga.ts';
import type { SimulatedRecord } from './broker.ts';
import type { Cores } from './cores.ts';
import { Table, type Transaction } from './database.ts';
import type { EvidenceRoom } from './evidence-room.ts';
import { SimulatedService, type Send, type Surroundings } from './service.ts';

export type CreateOrder = DataOf<typeof messages.paymentCreate>;
type Of<Name extends keyof typeof messages> = DataOf<(typeof messages)[Name]>;

/** The payment service: its tables in memory, its saga the real one. */
export class PaymentService {
  readonly payments = new Table<Payment>('payment');
  readonly movements = new Table<Movement>('movement');
  readonly service: SimulatedService;
  readonly #endToEndIds = new Table<object>('end_to_end_id');
  readonly #operationIds = new Table<object>('operation_id');
  readonly #answers = new Table<{ paymentId: string }>('idempotency_key');
  readonly #around: Surroundings;
  readonly #cores: Cores;
  readonly #evidence: EvidenceRoom;

  constructor(around: Surroundings, cores: Cores, evidence: EvidenceRoom) {
    this.#around = around;
    this.#cores = cores;
    this.#evidence = evidence;
    this.service = new SimulatedService('payment', around, {
      'payment.commands.v1': {
        handle: (records, tx, send) => records.forEach((record) => this.#command(record, tx, send)),
      },
      'account.events.v1': {
        handle: (records, tx, send) => records.forEach((record) => this.#hear(record, tx, send)),
      },
      'card.events.v1': {
        handle: (records, tx, send) => records.forEach((record) => this.#hear(record, tx, send)),
      },
    });
  }

  /**
   * `POST /v1/payments` under an idempotency key.
   * @returns the payment's id, or `undefined` where the process died before it answered
   */
  order(subject: string, idempotencyKey: string, order: CreateOrder, evidence: Evidence): string | undefined {
    return this.service.transaction((tx, send) => {
      const answered = tx.get(this.#answers, idempotencyKey);
      if (answered !== undefined) return answered.paymentId;
      this.#create(
        { ...order, initiator: { kind: 'subject', id: subject } },
        evidence,
        order.paymentId,
        tx,
        send,
      );
      tx.put(this.#answers, idempotencyKey, { paymentId: order.paymentId });
      return order.paymentId;
    });
  }

  #command(record: SimulatedRecord, tx: Transaction, send: Send): void {
    const { definition, data, iss, jti, txn } = record;
    const isOf = (one: object): boolean => (definition as object) === one;
    const signed = (): Evidence => this.#evidence.order(iss, jti, definition as never, data as never);
    const { saga } = this.#cores;
    try {
      if (isOf(messages.paymentCreate)) {
        this.#create(
          { ...(data as CreateOrder), initiator: { kind: 'producer', id: iss } },
          signed(),
          txn,
          tx,
          send,
        );
      } else if (isOf(messages.paymentCapture)) {
        const { paymentId, ...order } = data as Of<'paymentCapture'>;
        this.#once(order.captureId, tx, () =>
          this.#step(paymentId, tx, send, (payment, step) => saga.capture(payment, order, step)),
        );
      } else if (isOf(messages.paymentCancel)) {
        const { paymentId } = data as Of<'paymentCancel'>;
        this.#step(paymentId, tx, send, (payment, step) => saga.cancel(payment, step));
      } else if (isOf(messages.paymentRefund)) {
        const { paymentId, ...order } = data as Of<'paymentRefund'>;
        this.#once(order.refundId, tx, () =>
          this.#step(paymentId, tx, send, (payment, step) => saga.refund(payment, order, signed(), step)),
        );
      }
    } catch (error) {
      // A refused order changes nothing; its refusal is told in the real service, and nobody waits for it here.
      if (!(error instanceof CodedError)) throw error;
    }
  }

  #hear({ definition, data }: SimulatedRecord, tx: Transaction, send: Send): void {
    const isOf = (one: object): boolean => (definition as object) === one;
    const { saga } = this.#cores;
    const { paymentId, authorizationId } = data as { paymentId?: string; authorizationId?: string };
    if (paymentId === undefined) return;
    const take = (work: (payment: Payment, step: Step) => void): void =>
      this.#step(paymentId, tx, send, work);
    // The hold of a card payment is the card service's: it tells what became of the authorization.
    const isCards = authorizationId !== undefined;
    if ((isOf(messages.holdPlaced) && !isCards) || isOf(messages.authorizationApproved))
      take((payment, step) => saga.authorized(payment, data as Of<'authorizationApproved'>, step));
    else if ((isOf(messages.holdRejected) && !isCards) || isOf(messages.authorizationDeclined))
      take((payment, step) => saga.failed(payment, (data as Of<'holdRejected'>).code, step));
    else if (isOf(messages.holdEnded))
      take((payment, step) => saga.holdEnded(payment, (data as Of<'holdEnded'>).how, step));
    else if (isOf(messages.holdVoidRejected))
      take((payment, step) => saga.voidRejected(payment, (data as Of<'holdVoidRejected'>).code, step));
    else if (isOf(messages.transferPosted))
      this.#answer(data as Of<'transferPosted'>, tx, take, (payment, movement, step) =>
        saga.posted(payment, movement, step),
      );
    else if (isOf(messages.transferRejected))
      this.#answer(data as Of<'transferRejected'>, tx, take, (payment, movement, step) =>
        saga.rejected(payment, movement, (data as Of<'transferRejected'>).code, step),
      );
  }

  #answer(
    { transferId }: { transferId: string },
    tx: Transaction,
    take: (work: (payment: Payment, step: Step) => void) => void,
    work: (payment: Payment, movement: Movement, step: Step) => void,
  ): void {
    const movement = tx.get(this.movements, transferId);
    if (movement !== undefined) take((payment, step) => work(payment, movement, step));
  }

  #create(
    order: CreateOrder & Pick<Payment, 'initiator'>,
    evidence: Evidence,
    txn: string,
    tx: Transaction,
    send: Send,
  ): void {
    const { paymentId, endToEndId, initiator } = order;
    if (tx.get(this.payments, paymentId) !== undefined) throw new CodedError('payment.id_reused');
    const name = `${initiator.kind} ${initiator.id} ${endToEndId}`;
    if (tx.get(this.#endToEndIds, name) !== undefined) throw new CodedError('payment.end_to_end_id_reused');
    tx.insert(this.#endToEndIds, name, {});
    const nowMs = this.#around.nowMs();
    tx.insert(this.payments, paymentId, newPayment(order, txn, nowMs));
    this.#step(paymentId, tx, send, (payment, step) => this.#cores.saga.begin(payment, evidence, step));
  }

  /** A capture or refund is ordered once under its own id; one that was refused may be ordered again. */
  #once(operationId: string, tx: Transaction, order: () => void): void {
    if (tx.get(this.#operationIds, operationId) !== undefined) throw new CodedError('payment.state_conflict');
    order();
    tx.put(this.#operationIds, operationId, {});
  }

  #step(paymentId: string, tx: Transaction, send: Send, work: (payment: Payment, step: Step) => void): void {
    const payment = tx.get(this.payments, paymentId);
    if (payment === undefined) return;
    const step: Step = {
      nowMs: this.#around.nowMs(),
      idFrom: (prefix, ...others) => [prefix, ...others].join('_'),
      effects: [],
      newMovements: [],
    };
    work(payment, step);
    for (const movement of step.newMovements) tx.insert(this.movements, movement.transferId, movement);
    for (const { definition, data } of step.effects) send(definition, data, payment.txn);
  }
}
