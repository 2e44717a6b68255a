import { describe, expect, test } from '@jest/globals';
import { messages } from '@tallystick/contracts';
import fc from 'fast-check';

import { capturable, refundable, type PaymentStatus } from '../src/domain/payment.ts';
import {
  AMOUNT_MINOR,
  anyStory,
  losslessStory,
  Simulation,
  type Move,
  type Story,
} from './saga-simulation.ts';

const runs = { numRuns: 1_000 };
const ended = new Set<PaymentStatus>(['failed', 'cancelled', 'refunded']);

describe('with answers in any order, repeated or lost', () => {
  test('captures at most the ordered amount and refunds at most the captured amount', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        void new Simulation(story, ({ after }) => {
          for (const amount of [
            after.capturedMinor,
            after.capturingMinor,
            after.refundedMinor,
            after.refundingMinor,
          ])
            expect(amount >= 0n).toBe(true);
          expect(capturable(after)).toBeGreaterThanOrEqual(0n);
          expect(refundable(after)).toBeGreaterThanOrEqual(0n);
        });
      }),
      runs,
    );
  });

  test('an ended payment keeps its end state', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        void new Simulation(story, ({ before, after }) => {
          if (ended.has(before.status)) expect(after.status).toBe(before.status);
        });
      }),
      runs,
    );
  });

  test('a payment is cancelled or failed only if no money moved', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        const { payment, ledger } = new Simulation(story);
        if (payment.status === 'cancelled' || payment.status === 'failed') {
          expect(payment.capturedMinor).toBe(0n);
          expect(ledger.postedMinor).toBe(0n);
        }
      }),
      runs,
    );
  });

  test('a repeated answer changes nothing and emits nothing', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        void new Simulation(story, ({ before, after, effects, repeated }) => {
          if (!repeated) return;
          expect({ ...after, updatedAtMs: 0 }).toEqual({ ...before, updatedAtMs: 0 });
          expect(effects).toEqual([]);
        });
      }),
      runs,
    );
  });

  test('a payment never exceeds the amounts that the ledger moved', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        void new Simulation(story, ({ after, ledger }) => {
          expect(after.capturedMinor).toBeLessThanOrEqual(ledger.postedMinor);
          expect(after.refundedMinor).toBeLessThanOrEqual(ledger.refundedMinor);
        });
      }),
      runs,
    );
  });
});

describe('after deadlines, although answers were lost', () => {
  test('every payment has ended, has no movement without an outcome, and agrees with the ledger to the unit', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        const simulation = new Simulation(story);
        const { payment, ledger } = simulation;
        simulation.deliverAll();
        // The outcome of the order, then that of its captures, then that of its hold.
        for (const isHoldOver of [false, false, true]) {
          if (isHoldOver) ledger.expire();
          simulation.askForOutcomes();
        }
        expect(['requested', 'authorized']).not.toContain(payment.status);
        expect(payment.cancellation?.status).not.toBe('requested');
        expect([payment.capturedMinor, payment.refundedMinor]).toEqual([
          ledger.postedMinor,
          ledger.refundedMinor,
        ]);
        expect([payment.capturingMinor, payment.refundingMinor]).toEqual([0n, 0n]);
      }),
      runs,
    );
  });
});

describe('after every answer has arrived, in any order', () => {
  const finished = (story: Story) => {
    const simulation = new Simulation(story);
    simulation.deliverAll();
    simulation.ledger.expire();
    simulation.deliverAll();
    return simulation;
  };

  test('payment and ledger agree to the unit, and no movement is pending', () => {
    fc.assert(
      fc.property(losslessStory, (story) => {
        const { payment, ledger } = finished(story);
        expect([payment.capturedMinor, payment.refundedMinor]).toEqual([
          ledger.postedMinor,
          ledger.refundedMinor,
        ]);
        expect([payment.capturingMinor, payment.refundingMinor]).toEqual([0n, 0n]);
      }),
      runs,
    );
  });

  test('the payment has ended in the state that matches the movements of money', () => {
    fc.assert(
      fc.property(losslessStory, (story) => {
        const { payment, ledger } = finished(story);
        const { postedMinor, refundedMinor } = ledger;
        const ends: PaymentStatus[] =
          postedMinor === 0n
            ? ['failed', 'cancelled']
            : refundedMinor === postedMinor
              ? ['refunded']
              : ['captured'];
        expect(ends).toContain(payment.status);
      }),
      runs,
    );
  });

  test('the stories reach every end state', () => {
    const seen = new Set<PaymentStatus>();
    fc.assert(
      fc.property(losslessStory, (story) => {
        seen.add(finished(story).payment.status);
      }),
      { numRuns: 1_000, seed: 1 },
    );
    expect([...seen].toSorted()).toEqual(['cancelled', 'captured', 'failed', 'refunded']);
  });
});

describe('a payment', () => {
  const move = (does: Move['does'], amountMinor = AMOUNT_MINOR): Move => ({ does, amountMinor, which: 0 });
  const play = (story: Partial<Story>, ...moves: Move[]) => {
    const sent: string[] = [];
    const { payment } = new Simulation(
      { source: 'account', capture: 'automatic', agreed: true, ...story, moves },
      ({ effects }) => sent.push(...effects.map(({ definition }) => definition.type)),
    );
    return { payment, sent };
  };
  const { paymentAuthorized, paymentCaptured, paymentCancelled, paymentFailed, paymentRefunded } = messages;

  test('from an account with immediate capture is one transfer', () => {
    const { payment, sent } = play({}, move('deliver'));
    expect(payment.status).toBe('captured');
    expect(sent).toEqual([messages.transferCreate.type, paymentCaptured.type]);
  });

  test('from an account with manual capture is a hold, then a capture', () => {
    const { payment, sent } = play({ capture: 'manual' }, move('deliver'), move('capture'), move('deliver'));
    expect(payment.status).toBe('captured');
    expect(sent).toEqual([
      messages.holdPlace.type,
      paymentAuthorized.type,
      messages.holdPost.type,
      paymentCaptured.type,
    ]);
  });

  test('by card requests an authorization from the card service first', () => {
    const { payment, sent } = play({ source: 'card' }, move('deliver'), move('deliver'));
    expect(payment.status).toBe('captured');
    expect(sent).toEqual([
      messages.cardAuthorize.type,
      paymentAuthorized.type,
      messages.holdPost.type,
      paymentCaptured.type,
    ]);
  });

  test.each(['account', 'card'] as const)('fails with the reason if the %s refuses it', (source) => {
    const { payment, sent } = play({ source, agreed: false }, move('deliver'));
    expect(payment).toMatchObject({ status: 'failed', code: 'ledger.insufficient_funds' });
    expect(sent.at(-1)).toBe(paymentFailed.type);
  });

  test('captured in parts is captured when the last part ends the hold', () => {
    const parts = [move('capture', 30n), move('deliver'), move('capture_final', 20n), move('deliver')];
    const { payment } = play({ capture: 'manual' }, move('deliver'), ...parts);
    expect(payment).toMatchObject({ status: 'authorized', capturedMinor: 50n });
    expect(play({ capture: 'manual' }, move('deliver'), ...parts, move('deliver')).payment.status).toBe(
      'captured',
    );
  });

  test('releases its hold when it is cancelled', () => {
    const { payment, sent } = play({ capture: 'manual' }, move('deliver'), move('cancel'), move('deliver'));
    expect(payment.status).toBe('cancelled');
    expect(sent.slice(-2)).toEqual([messages.holdVoid.type, paymentCancelled.type]);
  });

  test('without a capture ends with its hold', () => {
    const { payment } = play({ capture: 'manual' }, move('deliver'), move('expire'), move('deliver'));
    expect(payment).toMatchObject({ status: 'cancelled', code: 'ledger.hold_ended' });
  });

  test('refunded in parts is refunded when the whole amount is returned', () => {
    const first = [move('deliver'), move('refund', 40n), move('deliver')];
    expect(play({}, ...first).payment).toMatchObject({ status: 'captured', refundedMinor: 40n });
    const { payment, sent } = play({}, ...first, move('refund', 60n), move('deliver'));
    expect(payment).toMatchObject({ status: 'refunded', refundedMinor: 100n });
    expect(sent.at(-1)).toBe(paymentRefunded.type);
  });

  test('waits for the event of its capture if its hold ends first', () => {
    const capture = { ...move('capture'), which: 0 };
    const holdEndedFirst = { ...move('deliver'), which: 1 };
    const { payment } = play({ capture: 'manual' }, move('deliver'), capture, holdEndedFirst);
    expect(payment.status).toBe('authorized');
    const whole = play({ capture: 'manual' }, move('deliver'), capture, holdEndedFirst, move('deliver'));
    expect(whole.payment).toMatchObject({ status: 'captured', capturedMinor: AMOUNT_MINOR });
  });
});
