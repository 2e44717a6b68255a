import { growthPerSecond } from '../search.ts';
import { memoryMegabytes, type Part } from './processes.ts';

const INTERVAL_MS = 2_000;

/** Samples the memory of each part during a phase. */
export class MemoryWatch {
  readonly #samples: { atMs: number; megabytes: Record<string, number> }[] = [];

  /** Adds a sample. */
  take(atMs: number, megabytes: Record<string, number>): void {
    this.#samples.push({ atMs, megabytes });
  }

  /** Samples `parts` every two seconds. @returns a function that takes a last sample and stops */
  follow(parts: readonly Part[]): () => void {
    const look = (): void => this.take(performance.now(), memoryMegabytes(parts));
    look();
    const timer = setInterval(look, INTERVAL_MS);
    return () => {
      clearInterval(timer);
      look();
    };
  }

  /** MB (2^20 bytes) of each part in the last sample. */
  atEnd(): Record<string, number> {
    return this.#samples.at(-1)?.megabytes ?? {};
  }

  /** Maximum of each part over all samples, in MB. */
  most(): Record<string, number> {
    return this.#ofEach((values) => Math.max(...values.map(({ value }) => value)));
  }

  /** MB per minute by which each part grew in the second half, by least squares: near zero for flat memory. */
  growthPerMinute(): Record<string, number> {
    return this.#ofEach((values) =>
      Number((60 * growthPerSecond(values.slice(Math.floor(values.length / 2)))).toFixed(2)),
    );
  }

  #ofEach(sum: (values: { atMs: number; value: number }[]) => number): Record<string, number> {
    return Object.fromEntries(
      Object.keys(this.atEnd()).map((name) => [
        name,
        sum(this.#samples.map(({ atMs, megabytes }) => ({ atMs, value: megabytes[name] ?? 0 }))),
      ]),
    );
  }
}
