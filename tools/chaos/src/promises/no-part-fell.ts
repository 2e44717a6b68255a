import { promise } from './promise.ts';

export const noPartFell = promise('no process ended but by a fault', async ({ fell }) => fell);
