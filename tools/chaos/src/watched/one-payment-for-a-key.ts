import { onDatabase } from '@tallystick/load';
import type { WatchedPromise } from './watched-promise.ts';

const TIMES = 3;

export const onePaymentForAKey: WatchedPromise = {
  name: 'concurrent repeats of an order with one idempotency key never create two payments',
  everyMs: 1_000,
  async look({ payments, stack }) {
    const { endToEndId, answers } = payments.orderSeveralTimes(TIMES);
    const seen = await answers;
    const [row] = await onDatabase(stack.postgres.payment!, (query) =>
      query<{ payments: bigint }>('SELECT count(*) AS payments FROM payment WHERE end_to_end_id = $1', [
        endToEndId,
      ]),
    );
    return [
      ...(row!.payments > 1n ? [`${endToEndId} is ${row!.payments} payments`] : []),
      ...(seen.length > 1 ? [`${endToEndId} was answered with ${seen.join(' and ')}`] : []),
    ];
  },
};
