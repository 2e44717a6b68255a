import { holdsUnless, type Check } from './check.ts';

/** Every order that was accepted has come to an end: captured or failed, with an event that says so. */
export const everyOrderEnded: Check = async ({ orders }) =>
  holdsUnless(
    orders
      .filter(({ status }) => status === 'placed' || status === 'authorized')
      .map(({ paymentId, endToEndId, status }) => `${paymentId ?? endToEndId} is still ${status}`),
  );
