import { oneEffect } from '@tallystick/load';
import { promiseOf } from './promise.ts';

export const oneEffectEach = promiseOf(
  'each end-to-end id has one payment, which moved money at most once',
  oneEffect,
);
