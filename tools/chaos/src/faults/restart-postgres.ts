import { bringBack } from '../world.ts';
import type { Fault } from './fault.ts';

export const restartPostgres: Fault<'postgres'> = {
  name: 'restart-postgres',
  does: 'Postgres is stopped gracefully and restarted',
  on: () => 'postgres',
  async inject(world, part) {
    await bringBack(world, part);
    return part;
  },
};
