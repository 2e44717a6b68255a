import { oneEffect } from '@tallystick/load';
import { promiseOf } from './promise.ts';

export const oneEffectEach = promiseOf(
  'each end-to-end id is one payment and moved money once at most',
  oneEffect,
);
