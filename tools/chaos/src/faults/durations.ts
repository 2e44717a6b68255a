import { setTimeout as delay } from 'node:timers/promises';
import { coreServices, type CoreServiceName } from '@tallystick/contracts';
import type { Random } from '../random.ts';

/** Waits between the start of a fault and its end. */
export async function last(ms: number): Promise<void> {
  await delay(ms);
}

/** Picks a service. Those that move money come up more often: auth matters only at the start of a payment. */
export function pickService(random: Random): CoreServiceName {
  return random.pick([...coreServices, 'account', 'card', 'payment']);
}

/** The services that move money. */
export type MovingService = Exclude<CoreServiceName, 'auth'>;

export function pickMovingService(random: Random): MovingService {
  return random.pick(['account', 'card', 'payment'] as const);
}

export function inSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
