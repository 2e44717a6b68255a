import type { Fault } from './fault.ts';
import { pausePart } from './pause-part.ts';

export const pausePostgres: Fault<'postgres'> = {
  name: 'pause-postgres',
  does: 'Postgres hangs (SIGSTOP), and goes on where it was (SIGCONT)',
  on: () => 'postgres',
  inject: pausePart,
};
