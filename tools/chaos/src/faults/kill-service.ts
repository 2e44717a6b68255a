import type { CoreServiceName } from '@tallystick/contracts';
import { pickService } from './durations.ts';
import type { Fault } from './fault.ts';
import { killPart } from './kill-part.ts';

export const killService: Fault<CoreServiceName> = {
  name: 'kill-service',
  does: 'a service is killed by SIGKILL and restarted a while later',
  on: pickService,
  inject: killPart,
};
