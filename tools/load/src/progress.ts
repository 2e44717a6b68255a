import type { PhaseView } from './generator.ts';

const TERMINAL_INTERVAL_MS = 500;
const LOG_INTERVAL_MS = 5_000;

/** Prints the progress of the run on stderr: one updated line on a terminal, otherwise a line from time to time. */
export class Progress {
  readonly #isTerminal = process.stderr.isTTY;
  #toldMs = 0;
  #isOpen = false;

  say = (line: string): void => {
    if (this.#isOpen) process.stderr.write('\n');
    this.#isOpen = false;
    process.stderr.write(`${line}\n`);
  };

  /** Watches one phase. */
  watch(name: string): (view: PhaseView) => void {
    return (view) => {
      const nowMs = performance.now();
      if (nowMs - this.#toldMs < (this.#isTerminal ? TERMINAL_INTERVAL_MS : LOG_INTERVAL_MS)) return;
      this.#toldMs = nowMs;
      const { p99_ms } = view.tally.percentiles();
      const line =
        `  ${name}: ${(view.elapsedMs / 1000).toFixed(0)} s, due ${view.due}, sent ${view.sent}, ` +
        `finished ${view.tally.finishedCount}, failed ${view.tally.failedCount}, p99 ${p99_ms.toFixed(0)} ms, lag ${view.lag}`;
      if (!this.#isTerminal) return this.say(line);
      process.stderr.write(`\r\u001B[K${line}`);
      this.#isOpen = true;
    };
  }
}
