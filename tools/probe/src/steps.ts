import { ConfigurationError } from '@tallystick/config';

/** The interfaces that the probe uses, each a step with a time of its own. */
export const stepNames = [
  'token',
  'accounts',
  'http.payment',
  'http.payment.read',
  'http.return',
  'kafka.connect',
  'kafka.order',
  'kafka.return',
] as const;
export type StepName = (typeof stepNames)[number];

/** What became of a step. `skipped`: a step that it needs failed. */
export interface StepResult {
  step: StepName;
  outcome: 'held' | 'failed' | 'skipped';
  durationMs: number;
  /** Why it failed, or what was skipped for. */
  reason?: string;
}

/** A step that did not end as expected. */
export class StepError extends Error {
  override readonly name = 'StepError';
}

/** Runs steps, each within the time limit, and notes their results. */
export class Steps {
  readonly results: StepResult[] = [];
  readonly #limitMs: number;
  readonly #onResult: (result: StepResult) => void;

  /** @param limitMs the longest time of a step, in milliseconds */
  constructor(limitMs: number, onResult: (result: StepResult) => void = () => {}) {
    this.#limitMs = limitMs;
    this.#onResult = onResult;
  }

  get limitMs(): number {
    return this.#limitMs;
  }

  /**
   * Runs a step.
   * @param work gets a signal that is aborted at the time limit
   * @returns its value; `undefined` if it failed
   * @throws ConfigurationError if it cannot work with these settings
   */
  async run<Value>(
    step: StepName,
    work: (signal: AbortSignal) => Promise<Value>,
  ): Promise<Value | undefined> {
    const beganMs = performance.now();
    const took = (): number => Math.round(performance.now() - beganMs);
    try {
      const value = await this.#withinLimit(work);
      this.#note({ step, outcome: 'held', durationMs: took() });
      return value;
    } catch (error) {
      if (error instanceof ConfigurationError) throw error;
      this.#note({ step, outcome: 'failed', durationMs: took(), reason: reasonOf(error) });
      return undefined;
    }
  }

  /** Notes steps that cannot run. */
  skip(steps: readonly StepName[], because: StepName): void {
    for (const step of steps)
      this.#note({ step, outcome: 'skipped', durationMs: 0, reason: `${because} failed` });
  }

  async #withinLimit<Value>(work: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
    const limit = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        const error = new StepError(`no outcome within ${this.#limitMs / 1_000} s`);
        reject(error);
        limit.abort(error);
      }, this.#limitMs);
    });
    try {
      return await Promise.race([work(limit.signal), expired]);
    } finally {
      clearTimeout(timer);
    }
  }

  #note(result: StepResult): void {
    this.results.push(result);
    this.#onResult(result);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { status, code } = error as { status?: number; code?: string };
  if (typeof status === 'number' && typeof code === 'string') return `${status} ${code}`;
  const cause = error.cause instanceof Error ? `: ${error.cause.message || error.cause.name}` : '';
  return error.message + cause;
}
