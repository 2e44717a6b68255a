import { trialBalanceIsZero } from '@tallystick/load';
import { promiseOf } from './promise.ts';

export const booksBalance = promiseOf('the trial balance is zero', trialBalanceIsZero);
