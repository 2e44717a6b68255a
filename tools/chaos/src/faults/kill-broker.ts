import type { Fault } from './fault.ts';
import { killPart } from './kill-part.ts';

export const killBroker: Fault<'kafka'> = {
  name: 'kill-broker',
  does: 'the broker is killed by SIGKILL and restarted a while later',
  on: () => 'kafka',
  inject: killPart,
};
