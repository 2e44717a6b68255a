import { accountsAddUp } from './accounts-add-up.ts';
import { onePaymentForAKey } from './one-payment-for-a-key.ts';
import { readyMeansAnswers } from './ready-means-answers.ts';
import { trialBalance } from './trial-balance.ts';
import type { WatchedPromise } from './watched-promise.ts';

/** Every promise that is checked while faults run. */
export const watchedPromises: readonly WatchedPromise[] = [
  trialBalance,
  accountsAddUp,
  onePaymentForAKey,
  ...readyMeansAnswers,
];
