import type { Fault } from './fault.ts';
import { pausePart } from './pause-part.ts';

export const pausePostgres: Fault<'postgres'> = {
  name: 'pause-postgres',
  does: 'Postgres is paused (SIGSTOP) and resumed (SIGCONT)',
  on: () => 'postgres',
  inject: pausePart,
};
