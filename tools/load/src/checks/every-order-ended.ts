import { holdsUnless, type Check } from './check.ts';

/** Every accepted order was captured or failed, with an event that reports it. */
export const everyOrderEnded: Check = async ({ orders }) =>
  holdsUnless(
    orders
      .filter(({ status }) => status === 'placed' || status === 'authorized')
      .map(({ paymentId, endToEndId, status }) => `${paymentId ?? endToEndId} is still ${status}`),
  );
