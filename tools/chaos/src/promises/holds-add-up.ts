import { onDatabase } from '@tallystick/load';
import { accountsThatDoNotAddUp } from '../accounts-that-do-not-add-up.ts';
import { promise } from './promise.ts';

export const holdsAddUp = promise(
  'each account reserves the remainder of its open holds, and its balance is the sum of its entries',
  async ({ stack }) => onDatabase(stack.postgres.account!, accountsThatDoNotAddUp),
);
