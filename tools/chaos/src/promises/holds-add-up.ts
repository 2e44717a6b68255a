import { onDatabase } from '@tallystick/load';
import { accountsThatDoNotAddUp } from '../accounts-that-do-not-add-up.ts';
import { promise } from './promise.ts';

export const holdsAddUp = promise(
  'each account sets aside what its open holds have left, and is worth what its entries moved',
  async ({ stack }) => onDatabase(stack.postgres.account!, accountsThatDoNotAddUp),
);
