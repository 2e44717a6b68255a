import {
  lift,
  messages,
  operations,
  OUTCOMES,
  paymentIdOf,
  type MessageDefinition,
} from '@tallystick/contracts';
import { partitionsOf, type Broker, type SimulatedRecord } from './broker.ts';
import type { EvidenceRoom } from './evidence-room.ts';
import type { CreateOrder, PaymentService } from './payment-service.ts';
import { PAYER, PRODUCER } from './parties.ts';
import type { Surroundings } from './service.ts';

/** The course of an order, as its payer and payee intend it. */
export interface Plan {
  order: CreateOrder;
  via: 'kafka' | 'http';
  /** Actions after the authorization; if there are none, the hold expires. */
  afterwards: ('capture_part' | 'capture_rest' | 'cancel' | 'capture_too_much')[];
  refunds: bigint[];
  idempotencyKey: string;
}

/** The sources of orders: a third party over Kafka, a customer over HTTP. They act on the events that they read. */
export class Customers {
  readonly plans: Plan[] = [];
  readonly #around: Surroundings;
  readonly #payment: PaymentService;
  readonly #evidence: EvidenceRoom;
  readonly #next = new Map<number, number>();
  /** Commands that the producer is going to send. */
  readonly #toSend: (() => void | Promise<void>)[] = [];
  readonly #authorized = new Set<string>();
  readonly #captured = new Set<string>();

  constructor(around: Surroundings, payment: PaymentService, evidence: EvidenceRoom) {
    this.#around = around;
    this.#payment = payment;
    this.#evidence = evidence;
  }

  get waiting(): number {
    return this.#toSend.length;
  }

  place(plan: Plan): void {
    this.plans.push(plan);
    if (plan.via === 'kafka') this.#command(messages.paymentCreate, 2, { ...plan.order });
    else this.#toSend.push(() => this.#orderOverHttp(plan));
  }

  /** Sends a waiting command, sometimes out of order: customers do not coordinate. */
  async send(): Promise<void> {
    const at = this.#around.random.whole(0, Math.max(0, this.#toSend.length - 1));
    const [send] = this.#toSend.splice(at, 1);
    await send?.();
  }

  /** Reads further events and acts on them. */
  hear(broker: Broker): void {
    for (const partition of partitionsOf(OUTCOMES)) {
      const log = broker.log(OUTCOMES, partition);
      for (const record of log.slice(this.#next.get(partition) ?? 0)) this.#act(record);
      this.#next.set(partition, log.length);
    }
  }

  #act({ definition, key }: SimulatedRecord): void {
    const plan = this.plans.find(({ order }) => order.paymentId === key);
    if (plan === undefined) return;
    if (definition.type === messages.paymentAuthorized.type && !this.#authorized.has(key)) {
      this.#authorized.add(key);
      if (plan.order.capture === 'manual') this.#goOn(plan);
    }
    if (definition.type === messages.paymentCaptured.type && !this.#captured.has(key)) {
      this.#captured.add(key);
      for (const amountMinor of plan.refunds)
        this.#command(messages.paymentRefund, 1, {
          paymentId: key,
          refundId: this.#around.newId('rfd'),
          amountMinor,
        });
    }
  }

  #goOn({ order: { paymentId, amountMinor }, afterwards }: Plan): void {
    const capture = (amount: bigint, final: boolean): void =>
      this.#command(messages.paymentCapture, 1, {
        paymentId,
        captureId: this.#around.newId('cap'),
        amountMinor: amount,
        final,
      });
    const part = amountMinor / 3n;
    const parts = BigInt(afterwards.filter((what) => what === 'capture_part').length);
    for (const what of afterwards) {
      if (what === 'capture_part') capture(part, false);
      else if (what === 'capture_rest') capture(amountMinor - part * parts, true);
      else if (what === 'capture_too_much') capture(amountMinor + 1n, true);
      else this.#command(messages.paymentCancel, 1, { paymentId });
    }
  }

  async #orderOverHttp(plan: Plan): Promise<void> {
    const { order, idempotencyKey } = plan;
    const { newId, nowMs, random, weather } = this.#around;
    const { paymentId: _paymentId, ...body } = order;
    // Each attempt is a separate request with a new proof, and so names another payment if its second differs.
    const signedAtS = Math.floor(nowMs() / 1_000);
    const jti = newId('proof');
    const evidence = this.#evidence.request(PAYER, jti, operations.createPayment, body, signedAtS);
    const { source, endToEndId } = order;
    const sourceId = source.kind === 'card' ? source.cardId : source.accountId;
    const paymentId = paymentIdOf({ subject: PAYER, sourceId, endToEndId }, signedAtS);
    const answer = await this.#payment.order(PAYER, idempotencyKey, { ...order, paymentId }, evidence);
    if (answer === undefined || random.chance(weather.askedAgain))
      this.#toSend.push(() => this.#orderOverHttp(plan));
    if (answer !== undefined) order.paymentId = answer;
  }

  /** Queues a command in the version that the producer was written for; the services convert it. */
  #command(definition: MessageDefinition, version: number, sent: Record<string, unknown>): void {
    const { broker, newId, random, weather } = this.#around;
    const data = lift(definition, version, sent);
    const jti = newId('jti');
    const record: SimulatedRecord = {
      topic: 'payment.commands.v1',
      key: sent[definition.key] as string,
      definition,
      data,
      iss: PRODUCER,
      jti,
      txn: jti,
    };
    const append = (one: SimulatedRecord): void => {
      this.#evidence.order(PRODUCER, one.jti, definition, data as never);
      broker.append(one);
    };
    const publish = (): void => {
      append(record);
      // If it was not sure that the first arrived, it sends the same message again, or signs a new one.
      if (random.chance(weather.askedAgain))
        this.#toSend.push(() => append(random.chance(0.5) ? record : { ...record, jti: newId('jti') }));
    };
    this.#toSend.push(publish);
  }
}
