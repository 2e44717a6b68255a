import type { Fault } from './fault.ts';
import { killPart } from './kill-part.ts';

export const killPostgres: Fault<'postgres'> = {
  name: 'kill-postgres',
  does: 'Postgres is killed by SIGKILL and restarted a while later',
  on: () => 'postgres',
  inject: killPart,
};
