import type { Fault } from './fault.ts';
import { pausePart } from './pause-part.ts';

export const pauseBroker: Fault<'kafka'> = {
  name: 'pause-broker',
  does: 'the broker is paused (SIGSTOP) and resumed (SIGCONT)',
  on: () => 'kafka',
  inject: pausePart,
};
