import { CodedError, messages, type DataOf, type ErrorCode, type Evidence } from '@tallystick/contracts';
import { expect } from '@jest/globals';
import fc from 'fast-check';

import {
  newPayment as orderedPayment,
  type HoldEnd,
  type Movement,
  type Payment,
} from '../src/domain/payment.ts';
import { begin } from '../src/domain/begin.ts';
import { requestMovementStatus, requestStatus } from '../src/domain/request-status.ts';
import type { Effect, SagaContext, SagaEvent } from '../src/domain/saga-event.ts';
import { advance } from '../src/domain/saga.ts';

/** An answer of the ledger or the card service about a payment. */
export type Answer =
  | Extract<SagaEvent, { kind: 'authorized' | 'declined' | 'void_rejected' | 'hold_ended' }>
  | { kind: 'posted'; transferId: string }
  | { kind: 'rejected'; transferId: string; code: ErrorCode };

/** A move of a story: an order, the expiry of the hold, or the fate of an answer in flight. */
export interface Move {
  does: 'capture' | 'capture_final' | 'cancel' | 'refund' | 'expire' | 'deliver' | 'deliver_twice' | 'lose';
  amountMinor: bigint;
  /** Index of the answer in flight, modulo their number. */
  which: number;
}

export interface Story {
  source: 'account' | 'card';
  capture: 'automatic' | 'manual';
  /** Whether the ledger and the card service accept the first command of the payment. */
  agreed: boolean;
  moves: Move[];
}

export const AMOUNT_MINOR = 100n;

const anyMove = (does: readonly Move['does'][]): fc.Arbitrary<Move> =>
  fc.record({
    does: fc.constantFrom(...does),
    amountMinor: fc.oneof(fc.bigInt(1n, 60n), fc.constant(AMOUNT_MINOR)),
    which: fc.nat(5),
  });

const orders = ['capture', 'capture', 'capture_final', 'cancel', 'refund', 'refund', 'expire'] as const;

/** Stories in which answers arrive in any order, twice, or never. */
export const anyStory: fc.Arbitrary<Story> = storyOf([
  ...orders,
  'deliver',
  'deliver',
  'deliver',
  'deliver_twice',
  'lose',
]);

/** Stories in which each answer arrives once, in any order. */
export const losslessStory: fc.Arbitrary<Story> = storyOf([...orders, 'deliver', 'deliver', 'deliver']);

function storyOf(does: readonly Move['does'][]): fc.Arbitrary<Story> {
  return fc.record({
    source: fc.constantFrom('account', 'card'),
    capture: fc.constantFrom('automatic', 'manual'),
    agreed: fc.oneof(
      { weight: 9, arbitrary: fc.constant(true) },
      { weight: 1, arbitrary: fc.constant(false) },
    ),
    moves: fc.array(anyMove(does), { maxLength: 40 }),
  });
}

/** The actual movements of money, independent of the payment's state: the rules of the ledger for one payment. */
export class LedgerModel {
  postedMinor = 0n;
  refundedMinor = 0n;
  hold: { holdId: string; leftMinor: bigint; open: boolean; how?: HoldEnd } | undefined;
  readonly #posted = new Set<string>();
  /** Answers in flight, in the order in which they were given. */
  answers: Answer[] = [];
  readonly #agreed: boolean;

  constructor(agreed: boolean) {
    this.#agreed = agreed;
  }

  carryOut({ definition, data }: Effect): void {
    if (definition === messages.holdPlace) this.#place((data as DataOf<typeof messages.holdPlace>).holdId);
    else if (definition === messages.cardAuthorize) this.#place('hld_card');
    else if (definition === messages.holdPost) this.#post(data as DataOf<typeof messages.holdPost>);
    else if (definition === messages.holdVoid) this.#void();
    else if (definition === messages.transferCreate)
      this.#transfer(data as DataOf<typeof messages.transferCreate>);
    else if (definition === messages.holdRequestStatus || definition === messages.authorizationRequestStatus)
      this.#tellHold();
    else if (definition === messages.transferRequestStatus)
      this.#tellTransfer(data as DataOf<typeof messages.transferRequestStatus>);
  }

  expire(): void {
    if (this.hold?.open === true) this.#end('expired');
  }

  #place(holdId: string): void {
    if (!this.#agreed) {
      this.answers.push({ kind: 'declined', code: 'ledger.insufficient_funds' });
      return;
    }
    this.hold = { holdId, leftMinor: AMOUNT_MINOR, open: true };
    this.answers.push({ kind: 'authorized', holdId, debitAccountId: 'acc_payer' });
  }

  #post({ transferId, amountMinor, final }: DataOf<typeof messages.holdPost>): void {
    const { hold } = this;
    if (hold?.open !== true || amountMinor > hold.leftMinor) {
      this.answers.push({ kind: 'rejected', transferId, code: 'ledger.hold_ended' });
      return;
    }
    hold.leftMinor -= amountMinor;
    this.#posted.add(transferId);
    this.postedMinor += amountMinor;
    this.answers.push({ kind: 'posted', transferId });
    if (final || hold.leftMinor === 0n) this.#end('posted');
  }

  #void(): void {
    if (this.hold?.open === true) this.#end('voided');
    else this.answers.push({ kind: 'void_rejected', code: 'ledger.hold_ended' });
  }

  #end(how: HoldEnd): void {
    Object.assign(this.hold!, { open: false, how });
    this.answers.push({ kind: 'hold_ended', how });
  }

  #tellHold(): void {
    if (this.hold === undefined) {
      this.answers.push({ kind: 'declined', code: 'payment.timed_out' });
      return;
    }
    const { holdId, how } = this.hold;
    this.answers.push({ kind: 'authorized', holdId, debitAccountId: 'acc_payer' });
    if (how !== undefined) this.answers.push({ kind: 'hold_ended', how });
  }

  #tellTransfer({ transferId }: DataOf<typeof messages.transferRequestStatus>): void {
    if (this.#posted.has(transferId)) this.answers.push({ kind: 'posted', transferId });
    else this.answers.push({ kind: 'rejected', transferId, code: 'payment.timed_out' });
  }

  #transfer({ transferId, amountMinor, refund }: DataOf<typeof messages.transferCreate>): void {
    const allowed = refund ? this.refundedMinor + amountMinor <= this.postedMinor : this.#agreed;
    if (!allowed) {
      this.answers.push({ kind: 'rejected', transferId, code: 'ledger.insufficient_funds' });
      return;
    }
    this.#posted.add(transferId);
    if (refund) this.refundedMinor += amountMinor;
    else this.postedMinor += amountMinor;
    this.answers.push({ kind: 'posted', transferId });
  }
}

/** The observation after each step. */
export interface Observation {
  /** `undefined` when the payment began. */
  event: SagaEvent | undefined;
  before: Payment;
  after: Payment;
  effects: Effect[];
  ledger: LedgerModel;
  /** Whether the step was a repeated answer. */
  repeated: boolean;
}

/** Plays a story against the ledger's rules, and shows the payment after each step. */
export class Simulation {
  readonly payment: Payment;
  readonly ledger: LedgerModel;
  readonly #movements = new Map<string, Movement>();
  readonly #look: (observation: Observation) => void;
  #ids = 0;

  constructor(story: Story, look: (observation: Observation) => void = () => {}) {
    this.#look = look;
    this.ledger = new LedgerModel(story.agreed);
    this.payment = newPayment(story);
    this.#step(undefined, false, (context) => begin(this.payment, evidence, context));
    for (const move of story.moves) this.#make(move);
  }

  /** Delivers all answers in flight, and the answers that they cause. */
  deliverAll(): void {
    while (this.ledger.answers.length > 0) this.#deliver(this.ledger.answers.shift()!, false);
  }

  /** Asks for the outcomes of everything that has none, as at its deadline, and delivers the answers. */
  askForOutcomes(): void {
    const context: SagaContext = { nowMs: (this.#ids += 1), effects: [], newMovements: [] };
    const { payment } = this;
    if (payment.status === 'requested' || payment.status === 'authorized') requestStatus(payment, context);
    for (const movement of this.#movements.values())
      if (movement.status === 'requested') requestMovementStatus(payment, movement, context);
    for (const effect of context.effects) this.ledger.carryOut(effect);
    this.deliverAll();
  }

  #make({ does, amountMinor, which }: Move): void {
    const { answers } = this.ledger;
    switch (does) {
      case 'capture':
      case 'capture_final': {
        const captureId = `cap_${(this.#ids += 1)}`;
        return this.#advance({
          kind: 'capture_ordered',
          captureId,
          amountMinor,
          final: does === 'capture_final',
          evidence,
        });
      }
      case 'cancel':
        return this.#advance({ kind: 'cancel_ordered', evidence });
      case 'refund':
        return this.#advance({
          kind: 'refund_ordered',
          refundId: `rfd_${(this.#ids += 1)}`,
          amountMinor,
          evidence,
        });
      case 'expire':
        return this.ledger.expire();
      case 'lose':
        answers.splice(which % Math.max(answers.length, 1), 1);
        return undefined;
      case 'deliver':
      case 'deliver_twice': {
        const [answer] = answers.splice(which % Math.max(answers.length, 1), 1);
        if (answer === undefined) return undefined;
        this.#deliver(answer, false);
        if (does === 'deliver_twice') this.#deliver(answer, true);
        return undefined;
      }
    }
  }

  #deliver(answer: Answer, repeated: boolean): void {
    switch (answer.kind) {
      case 'posted': {
        const movement = this.#movements.get(answer.transferId)!;
        return this.#advance({ kind: 'movement_posted', movement }, repeated);
      }
      case 'rejected': {
        const movement = this.#movements.get(answer.transferId)!;
        return this.#advance({ kind: 'movement_rejected', movement, code: answer.code }, repeated);
      }
      case 'void_rejected':
        // Each rejection goes to the party that cancelled; the inbox drops a repetition.
        return repeated ? undefined : this.#advance(answer, repeated);
      case 'authorized':
      case 'declined':
      case 'hold_ended':
        return this.#advance(answer, repeated);
    }
  }

  #advance(event: SagaEvent, repeated = false): void {
    this.#step(event, repeated, (context) => advance(this.payment, event, context));
  }

  #step(event: SagaEvent | undefined, repeated: boolean, take: (context: SagaContext) => void): void {
    const before = structuredClone(this.payment);
    const context: SagaContext = {
      nowMs: (this.#ids += 1),
      effects: [],
      newMovements: [],
    };
    try {
      take(context);
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      // A refused order changes nothing.
      expect({ payment: this.payment, ...context, nowMs: 0 }).toEqual({
        payment: before,
        nowMs: 0,
        effects: [],
        newMovements: [],
      });
    }
    for (const movement of context.newMovements) this.#movements.set(movement.transferId, movement);
    for (const effect of context.effects) this.ledger.carryOut(effect);
    this.#look({
      event,
      before,
      after: this.payment,
      effects: context.effects,
      ledger: this.ledger,
      repeated,
    });
  }
}

const evidence: Evidence = { kind: 'order', envelope: 'a.b.c' };

export function newPayment({ source, capture }: Pick<Story, 'source' | 'capture'>): Payment {
  return orderedPayment(
    {
      paymentId: 'pay_1',
      initiator: { kind: 'subject', id: 'usr_1' },
      source:
        source === 'account'
          ? { kind: 'account', accountId: 'acc_payer' }
          : { kind: 'card', cardId: 'crd_1' },
      payee: { kind: 'account', accountId: 'acc_payee' },
      amountMinor: AMOUNT_MINOR,
      currency: 'EUR',
      capture,
      capturedBy: 'payee',
      endToEndId: 'INVOICE-1',
    },
    'txn_1',
    0,
  );
}
