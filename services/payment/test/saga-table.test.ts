import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { CodedError, paymentStatuses } from '@tallystick/contracts';
import fc from 'fast-check';

import { sagaDiagram } from './saga-diagram.ts';
import { newPayment, type Movement, type Payment, type PaymentStatus } from '../src/domain/payment.ts';
import type { SagaContext, SagaEvent, SagaEventKind } from '../src/domain/saga-event.ts';
import { advance, saga, type Rule } from '../src/domain/saga.ts';
import { anyStory, Simulation } from './saga-simulation.ts';

/** A payment of 100 by hold in each state. */
const inState: Record<PaymentStatus, Partial<Payment>> = {
  requested: {},
  authorized: { holdId: 'hld_1' },
  captured: { holdId: 'hld_1', capturedMinor: 100n, holdEnd: 'posted' },
  cancelled: { holdId: 'hld_1', holdEnd: 'voided' },
  failed: { code: 'ledger.insufficient_funds' },
  refunded: { holdId: 'hld_1', capturedMinor: 100n, refundedMinor: 100n, holdEnd: 'posted' },
};

const ordered = newPayment(
  {
    paymentId: 'pay_1',
    initiator: { kind: 'subject', id: 'usr_1' },
    source: { kind: 'account', accountId: 'acc_payer' },
    payee: { kind: 'account', accountId: 'acc_payee' },
    amountMinor: 100n,
    currency: 'EUR',
    capture: 'manual',
    capturedBy: 'payee',
    endToEndId: 'INVOICE-1',
  },
  'txn_1',
  0,
);

const capture: Movement = {
  transferId: 'trf_1',
  paymentId: 'pay_1',
  kind: 'capture',
  operationId: 'cap_1',
  amountMinor: 100n,
  status: 'requested',
  requestedAtMs: 0,
};

const evidence = { kind: 'order', envelope: 'a.b.c' } as const;

const events: Record<SagaEventKind, () => SagaEvent> = {
  capture_ordered: () => ({ kind: 'capture_ordered', captureId: 'cap_1', amountMinor: 100n, final: true }),
  cancel_ordered: () => ({ kind: 'cancel_ordered', evidence }),
  refund_ordered: () => ({
    kind: 'refund_ordered',
    refundId: 'rfd_1',
    amountMinor: 40n,
    evidence,
  }),
  authorized: () => ({ kind: 'authorized', holdId: 'hld_1', debitAccountId: 'acc_payer' }),
  declined: () => ({ kind: 'declined', code: 'ledger.insufficient_funds' }),
  movement_posted: () => ({ kind: 'movement_posted', movement: { ...capture } }),
  movement_rejected: () => ({
    kind: 'movement_rejected',
    movement: { ...capture },
    code: 'ledger.hold_ended',
  }),
  void_rejected: () => ({ kind: 'void_rejected', code: 'ledger.hold_ended' }),
  hold_ended: () => ({ kind: 'hold_ended', how: 'voided' }),
};

/** The amounts of a payment with a movement in progress, before the movement is posted or rejected. */
const inProgress: Partial<Record<SagaEventKind, Partial<Payment>>> = {
  movement_posted: { capturingMinor: 100n, capturedMinor: 0n, refundedMinor: 0n },
  movement_rejected: { capturingMinor: 100n },
};

/**
 * The outcome of each event in each state: the next state and the messages, or the code of a refusal. `-` is the same
 * state without a message.
 */
const outcomes: Record<PaymentStatus, Record<SagaEventKind, string>> = {
  requested: {
    capture_ordered: 'payment.state_conflict',
    cancel_ordered: 'payment.state_conflict',
    refund_ordered: 'payment.state_conflict',
    authorized: 'authorized payment.authorized',
    declined: 'failed payment.failed',
    movement_posted: 'captured payment.captured',
    movement_rejected: 'failed payment.failed',
    void_rejected: 'requested payment.command_rejected',
    hold_ended: '-',
  },
  authorized: {
    capture_ordered: 'authorized account.hold.post',
    cancel_ordered: 'authorized account.hold.void',
    refund_ordered: 'payment.state_conflict',
    authorized: '-',
    declined: '-',
    movement_posted: 'captured payment.captured',
    movement_rejected: 'authorized payment.command_rejected',
    void_rejected: 'authorized payment.command_rejected',
    hold_ended: 'cancelled payment.cancelled',
  },
  captured: {
    capture_ordered: 'payment.state_conflict',
    cancel_ordered: 'payment.state_conflict',
    refund_ordered: 'captured account.transfer.create',
    authorized: '-',
    declined: '-',
    movement_posted: 'captured payment.captured',
    movement_rejected: 'captured payment.command_rejected',
    void_rejected: 'captured payment.command_rejected',
    hold_ended: '-',
  },
  cancelled: {
    capture_ordered: 'payment.state_conflict',
    cancel_ordered: 'payment.state_conflict',
    refund_ordered: 'payment.state_conflict',
    authorized: '-',
    declined: '-',
    movement_posted: 'captured payment.captured',
    movement_rejected: 'cancelled payment.command_rejected',
    void_rejected: 'cancelled payment.command_rejected',
    hold_ended: '-',
  },
  failed: {
    capture_ordered: 'payment.state_conflict',
    cancel_ordered: 'payment.state_conflict',
    refund_ordered: 'payment.state_conflict',
    authorized: '-',
    declined: '-',
    movement_posted: 'captured payment.captured',
    movement_rejected: 'failed payment.command_rejected',
    void_rejected: 'failed payment.command_rejected',
    hold_ended: '-',
  },
  refunded: {
    capture_ordered: 'payment.state_conflict',
    cancel_ordered: 'payment.state_conflict',
    refund_ordered: 'payment.amount_exceeded',
    authorized: '-',
    declined: '-',
    movement_posted: 'captured payment.captured',
    movement_rejected: 'refunded payment.command_rejected',
    void_rejected: 'refunded payment.command_rejected',
    hold_ended: '-',
  },
};

const cells = paymentStatuses.flatMap((status) =>
  (Object.keys(events) as SagaEventKind[]).map((kind) => [kind, status, outcomes[status][kind]] as const),
);

test.each(cells)('%s in the state %s gives: %s', (kind, status, wanted) => {
  const payment: Payment = {
    ...ordered,
    debitAccountId: 'acc_payer',
    ...inState[status],
    ...inProgress[kind],
    status,
  };
  const context = newContext();
  let outcome: string;
  try {
    advance(payment, events[kind](), context);
    const types = context.effects.map(({ definition }) => definition.type);
    outcome = payment.status === status && types.length === 0 ? '-' : [payment.status, ...types].join(' ');
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    outcome = error.code;
  }
  expect(outcome).toBe(wanted);
});

describe('the saga table', () => {
  test('lists each state that an event leads to', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        void new Simulation(story, ({ event, before, after }) => {
          if (event === undefined || after.status === before.status) return;
          const { to }: Rule = saga[before.status][event.kind];
          expect(to).toContain(after.status);
        });
      }),
      { numRuns: 2_000 },
    );
  });

  test('matches the diagram in the documents', () => {
    const page = readFileSync(new URL('../../../docs/payment-states.md', import.meta.url), 'utf8');
    expect(page).toContain(sagaDiagram());
  });
});

test('allows a refund of a captured payment even if the end of its hold arrived first', () => {
  const payment: Payment = {
    ...ordered,
    ...inState.cancelled,
    status: 'cancelled',
    debitAccountId: 'acc_payer',
    capturedMinor: 40n,
  };
  const context = newContext();
  advance(payment, events.refund_ordered(), context);
  expect(payment.refundingMinor).toBe(40n);
  expect(context.newMovements).toMatchObject([{ kind: 'refund', amountMinor: 40n }]);
});

test.each(['failed', 'cancelled'] as const)(
  'captures a payment that was %s if the ledger posts a part of it',
  (status) => {
    const payment: Payment = { ...ordered, ...inState.cancelled, status, capturingMinor: 40n };
    advance(payment, { kind: 'movement_posted', movement: { ...capture, amountMinor: 40n } }, newContext());
    expect(payment).toMatchObject({ status: 'captured', capturedMinor: 40n });
  },
);

function newContext(): SagaContext {
  return { nowMs: 1, effects: [], newMovements: [] };
}
