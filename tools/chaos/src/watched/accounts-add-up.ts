import { onDatabase } from '@tallystick/load';
import { accountsThatDoNotAddUp } from '../accounts-that-do-not-add-up.ts';
import type { WatchedPromise } from './watched-promise.ts';

export const accountsAddUp: WatchedPromise = {
  name: 'in every database snapshot each account adds up and is above its minimum balance',
  everyMs: 2_000,
  async look({ stack }) {
    return onDatabase(stack.postgres.account!, accountsThatDoNotAddUp);
  },
};
