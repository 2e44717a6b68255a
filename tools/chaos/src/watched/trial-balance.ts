import { trialBalanceIsZero } from '@tallystick/load';
import type { WatchedPromise } from './watched-promise.ts';

export const trialBalance: WatchedPromise = {
  name: 'the trial balance is zero in every request of the operators',
  everyMs: 2_000,
  async look({ stack, people: { operators } }) {
    const { holds, detail } = await trialBalanceIsZero({
      stack,
      operators,
      orders: [],
      quarantined: async () => 0,
    });
    return holds ? [] : [detail ?? 'it is not'];
  },
};
