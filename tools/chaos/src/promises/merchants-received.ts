import { merchantsReceived } from '@tallystick/load';
import { promiseOf } from './promise.ts';

export const merchantsWerePaid = promiseOf(
  'each merchant has received its captured payments',
  merchantsReceived,
);
