import type { Fault } from './fault.ts';
import { pausePart } from './pause-part.ts';

export const pauseBroker: Fault<'kafka'> = {
  name: 'pause-broker',
  does: 'the broker hangs (SIGSTOP), and goes on where it was (SIGCONT)',
  on: () => 'kafka',
  inject: pausePart,
};
