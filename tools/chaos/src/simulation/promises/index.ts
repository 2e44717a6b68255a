import { booksBalance } from './books-balance.ts';
import { everyPaymentEnded } from './every-payment-ended.ts';
import { nothingWaits } from './nothing-waits.ts';
import { oneEffect } from './one-effect.ts';
import type { SimulatedPromise } from './promise.ts';
import { servicesAgree } from './services-agree.ts';
import { eventsMatchOutcome } from './events-match-outcome.ts';

/** Every promise of the simulation, in the order of the checks. */
export const promises: readonly SimulatedPromise[] = [
  nothingWaits,
  everyPaymentEnded,
  oneEffect,
  booksBalance,
  servicesAgree,
  eventsMatchOutcome,
];
