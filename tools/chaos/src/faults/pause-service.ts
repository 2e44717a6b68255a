import type { CoreServiceName } from '@tallystick/contracts';
import { pickService } from './durations.ts';
import type { Fault } from './fault.ts';
import { pausePart } from './pause-part.ts';

export const pauseService: Fault<CoreServiceName> = {
  name: 'pause-service',
  does: 'a service is paused (SIGSTOP) and resumed (SIGCONT)',
  on: pickService,
  inject: pausePart,
};
