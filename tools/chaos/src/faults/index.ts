import { crashAtStep } from './crash-at-step.ts';
import { cutConnections } from './cut-connections.ts';
import type { Fault } from './fault.ts';
import { fullDisk } from './full-disk.ts';
import { fullDiskPostgres } from './full-disk-postgres.ts';
import { hostileMessages } from './hostile-messages.ts';
import { killBroker } from './kill-broker.ts';
import { killPostgres } from './kill-postgres.ts';
import { killService } from './kill-service.ts';
import { pauseBroker } from './pause-broker.ts';
import { pausePostgres } from './pause-postgres.ts';
import { pauseService } from './pause-service.ts';
import { replayRecords } from './replay-records.ts';
import { restartBroker } from './restart-broker.ts';
import { restartPostgres } from './restart-postgres.ts';
import { restartService } from './restart-service.ts';
import { secondReplica } from './second-replica.ts';
import { skewClockBeyond } from './skew-clock-beyond.ts';
import { skewClock } from './skew-clock.ts';
import { slowConnections } from './slow-connections.ts';

/**
 * Every fault. A seed draws from all of them, so a new fault changes the plan of a seed, except with `--only` and the
 * old names.
 */
export const faults: readonly Fault[] = [
  killService,
  pauseService,
  restartService,
  killBroker,
  pauseBroker,
  restartBroker,
  killPostgres,
  pausePostgres,
  restartPostgres,
  crashAtStep,
  cutConnections,
  slowConnections,
  skewClock,
  secondReplica,
  replayRecords,
  hostileMessages,
  fullDisk,
  skewClockBeyond,
  fullDiskPostgres,
];
