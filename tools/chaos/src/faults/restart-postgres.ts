import { bringBack } from '../world.ts';
import type { Fault } from './fault.ts';

export const restartPostgres: Fault = {
  name: 'restart-postgres',
  does: 'Postgres is stopped in order and started again',
  async inject(world) {
    await bringBack(world, 'postgres');
    return 'postgres';
  },
};
