import { promise } from './promise.ts';

export const noPartFell = promise('no process exited except by a fault', async ({ fell }) => fell);
