import { ORDER_LIFETIME_S } from '@tallystick/contracts';
import { HOLD_LIFETIME_MS } from '../domain/begin.ts';

/**
 * The deadline of an order: by then the ledger and the card service refuse it, also with a clock that differs by a minute.
 */
export const DEADLINE_MS = (ORDER_LIFETIME_S + 60) * 1_000;

/** Ages at which the outcome of an order is asked for: at its deadline, and again if even the answer was lost. */
const ASKED_AT_MS = [1, 4, 16, 64].map((times) => times * DEADLINE_MS);

/** The age at which an operator is told of an order without an outcome. */
const GIVEN_UP_AT_MS = 96 * DEADLINE_MS;

/** A regular search for the payments or movements that have a status although they reached an age. */
export interface Sweep {
  name: string;
  of: 'payment' | 'movement';
  status: 'requested' | 'authorized';
  ageMs: number;
  /** `ask`: for the outcome; `report`: to the operator, that there is none. */
  does: 'ask' | 'report';
}

const over = (of: Sweep['of'], status: Sweep['status'], fromMs: number): Sweep[] => [
  ...ASKED_AT_MS.map((ageMs, at) => ({
    name: `${of}.${status}.${at + 1}`,
    of,
    status,
    ageMs: fromMs + ageMs,
    does: 'ask' as const,
  })),
  { name: `${of}.${status}.report`, of, status, ageMs: fromMs + GIVEN_UP_AT_MS, does: 'report' },
];

/** All sweeps. A hold ends at the latest when its lifetime is over. */
export const sweeps: readonly Sweep[] = [
  ...over('payment', 'requested', 0),
  ...over('movement', 'requested', 0),
  ...over('payment', 'authorized', HOLD_LIFETIME_MS),
];
