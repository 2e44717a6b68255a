import { everyOrderEnded } from '@tallystick/load';
import { promiseOf } from './promise.ts';

export const everyPaymentEnded = promiseOf(
  'every accepted payment ended, and an event reported it',
  everyOrderEnded,
);
