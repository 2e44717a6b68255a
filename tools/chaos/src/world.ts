import { setTimeout as delay } from 'node:timers/promises';
import type { CoreServiceName } from '@tallystick/contracts';
import type { Operators } from '@tallystick/demo';
import type { OrderBook, Parties, People } from '@tallystick/load';
import type { Kafka } from '@tallystick/messaging';
import type { BackingServices, StackFile, SupervisedProcess, System } from '@tallystick/stack';
import type { Hostile } from './hostile.ts';
import type { Payments } from './load/payments.ts';
import type { Proxy } from './proxy.ts';

/** Everything that can be killed and paused. */
export type PartName = CoreServiceName | 'kafka' | 'postgres';

/** The start order: the services need the first two parts to become ready. */
export const startOrder: readonly PartName[] = ['kafka', 'postgres', 'auth', 'account', 'card', 'payment'];

/** The system, with everything that faults act on and promises check. */
export interface World {
  stack: StackFile;
  system: System;
  backing: BackingServices;
  /** Every process of the system by its name. */
  parts: Record<PartName, SupervisedProcess>;
  /** Proxies between the services and the broker, and between each service and its database. */
  proxies: { kafka: Proxy; postgres: Record<CoreServiceName, Proxy> };
  /** A client of the broker that bypasses the proxy. */
  kafka: Kafka;
  people: People;
  parties: Parties;
  operators: Operators;
  book: OrderBook;
  payments: Payments;
  hostile: Hostile;
  /** Parts that are down because of a fault. */
  down: Set<PartName>;
  /** Parts that ended without a fault, with the time. */
  fell: string[];
  say: (line: string) => void;
}

const START_ATTEMPTS = 4;
const BETWEEN_ATTEMPTS_MS = 1_000;

/** Restarts a part, or starts it if it is down. On a busy machine this may need several attempts. */
export async function bringBack(
  { parts, down }: Pick<World, 'parts' | 'down'>,
  name: PartName,
  added?: Record<string, string>,
): Promise<void> {
  down.add(name);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await parts[name].restart(added);
      down.delete(name);
      return;
    } catch (error) {
      if (attempt === START_ATTEMPTS) throw error;
      await delay(BETWEEN_ATTEMPTS_MS);
    }
  }
}
