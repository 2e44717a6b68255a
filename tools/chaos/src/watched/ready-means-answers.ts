import { setTimeout as delay } from 'node:timers/promises';
import { operations } from '@tallystick/contracts';
import { ProblemError } from '@tallystick/client';
import { answersHttp } from '@tallystick/stack';
import type { MovingService } from '../faults/durations.ts';
import type { World } from '../world.ts';
import type { WatchedPromise } from './watched-promise.ts';

/** Time for which a service must be ready without answering to break the promise. */
const LIE_MS = 5_000;
const AGAIN_AFTER_MS = 250;
const READY_WITHIN_MS = 1_000;
const ASKED_EVERY_MS = 500;

interface Question {
  ask(): Promise<unknown>;
  /** Disposes of the question when the check is over. */
  leave(): void;
}

/** Creates a promise that a ready service answers: it may refuse, but must neither fail itself nor stay silent. */
function promiseOf(
  service: MovingService,
  what: string,
  question: (world: World) => Question,
): WatchedPromise {
  return {
    name: `a ready ${service} service answers ${what}`,
    everyMs: 1_000,
    async look(world) {
      const readiness = new Readiness(world, service);
      if (!(await readiness.isReady())) return undefined;
      const { ask, leave } = question(world);
      try {
        return await answered(ask, readiness);
      } finally {
        readiness.stop();
        leave();
      }
    },
  };
}

export const readyMeansAnswers: readonly WatchedPromise[] = [
  promiseOf('payment', 'an order', ({ payments }) => payments.newHttpOrder()),
  promiseOf('account', 'the balance of an account', ({ people, parties: { payerAccountIds } }) => ({
    ask: () =>
      people.payer.client.call(operations.accountGet, { params: { accountId: payerAccountIds[0]! } }),
    leave: () => {},
  })),
  promiseOf('card', 'the limits of a card', ({ people, parties: { cardIds } }) => ({
    ask: () => people.payer.client.call(operations.cardGet, { params: { cardId: cardIds[0]! } }),
    leave: () => {},
  })),
];

async function answered(ask: Question['ask'], readiness: Readiness): Promise<string[] | undefined> {
  const beganMs = performance.now();
  readiness.start();
  for (;;) {
    const failure = await failureOf(ask);
    if (failure === undefined) return [];
    // It is down, hangs or is another process by now, so it need not answer.
    if (readiness.wasLost || !(await readiness.isReady())) return undefined;
    if (performance.now() - beganMs >= LIE_MS) return [`ready for ${LIE_MS} ms, and then: ${failure}`];
    await delay(AGAIN_AFTER_MS);
  }
}

/** Returns the reason for a missing answer; `undefined` if there is an answer. */
async function failureOf(ask: Question['ask']): Promise<string | undefined> {
  const late = new AbortController();
  const asked = ask().then(
    () => undefined,
    (error: unknown) => (isAnswer(error) ? undefined : String(error)),
  );
  const failure = await Promise.race([
    asked,
    delay(LIE_MS, 'no answer', { signal: late.signal }).catch(() => undefined),
  ]);
  late.abort();
  return failure;
}

/** Whether an error is an answer: a refusal, or an immediate rejection for lack of capacity. */
function isAnswer(error: unknown): boolean {
  if (!(error instanceof ProblemError)) return false;
  return error.status < 500
    ? error.code !== 'idempotency.in_progress'
    : error.message.includes('at capacity');
}

/** Polls a process for its readiness: one late or negative response, and the readiness was lost. */
class Readiness {
  wasLost = false;
  readonly #world: World;
  readonly #service: MovingService;
  readonly #pid: number;
  readonly #stopping = new AbortController();

  constructor(world: World, service: MovingService) {
    this.#world = world;
    this.#service = service;
    this.#pid = world.parts[service].pid;
  }

  async isReady(): Promise<boolean> {
    const ready = await answersHttp(
      `${this.#world.stack.services[this.#service]!}/health/ready`,
      READY_WITHIN_MS,
    );
    return ready && this.#world.parts[this.#service].pid === this.#pid;
  }

  start(): void {
    void (async () => {
      while (!this.#stopping.signal.aborted) {
        if (!(await this.isReady())) this.wasLost = true;
        await delay(ASKED_EVERY_MS, undefined, { signal: this.#stopping.signal }).catch(() => {});
      }
    })();
  }

  stop(): void {
    this.#stopping.abort();
  }
}
