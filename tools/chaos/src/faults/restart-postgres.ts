import { bringBack } from '../world.ts';
import type { Fault } from './fault.ts';

export const restartPostgres: Fault<'postgres'> = {
  name: 'restart-postgres',
  does: 'Postgres is stopped in order and started again',
  on: () => 'postgres',
  async inject(world, part) {
    await bringBack(world, part);
    return part;
  },
};
