import { bringBack, lookAt, openWorld, promises, Random, type PromiseResult } from '@tallystick/chaos';
import { Operators } from '@tallystick/demo';
import { until } from '@tallystick/stack';
import type { Rehearsal } from './rehearsals/rehearsal.ts';

/** Longest time until the system is at rest. */
const QUIET_WITHIN_MS = 60_000;

export interface RehearsalOptions {
  /** Directory of keys and logs. */
  directory: string;
  /** A running Kafka to use. */
  kafkaBrokers?: string;
  /** Payments due per second. */
  rate: number;
  /** Time of payments between the steps. */
  pauseMs: number;
  seed: number;
}

/** The result of a rehearsal. */
export interface RehearsalResult {
  name: string;
  payments: Record<string, number>;
  /** Seconds from the end of the response until the system was at rest; `null` if it was not. */
  quietAfterS: number | null;
  promises: PromiseResult[];
}

/** Runs a whole rehearsal: the system, payments, the loss, the response, the promises. */
export async function rehearse(
  rehearsal: Rehearsal,
  options: RehearsalOptions,
  say: (line: string) => void,
): Promise<RehearsalResult> {
  const { rate, pauseMs, seed } = options;
  const { world, close } = await openWorld(options, new Random(seed), say);
  try {
    say(`${rehearsal.name}: ${rate} payments per second`);
    world.payments.start(rate);
    const objections = await rehearsal.run(world, pauseMs);
    await world.payments.stop();
    say('Waiting until the system is idle');
    const backMs = performance.now();
    const isQuiet = await until(() => world.payments.isQuiet, QUIET_WITHIN_MS);
    const quietAfterS = isQuiet ? Number(((performance.now() - backMs) / 1_000).toFixed(1)) : null;
    world.operators = await Operators.signIn(world.stack);
    const kept = await lookAt(world, promises);
    const payments: Record<string, number> = {};
    for (const { status } of world.book.orders) payments[status] = (payments[status] ?? 0) + 1;
    return {
      name: rehearsal.name,
      payments,
      quietAfterS,
      promises: [
        ...kept,
        {
          name: 'changes over HTTP are kept',
          held: objections.length === 0,
          detail: objections.join('; '),
        },
      ],
    };
  } finally {
    // The stack drops its databases on its own Postgres.
    if (!world.parts.postgres.running) await bringBack(world, 'postgres');
    await close();
  }
}
