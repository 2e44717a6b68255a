import { growthPerSecond } from '../search.ts';
import { memoryMegabytes, type Part } from './processes.ts';

const INTERVAL_MS = 2_000;

/** Watches the memory of each part over a stretch of load. */
export class MemoryWatch {
  readonly #samples: { atMs: number; megabytes: Record<string, number> }[] = [];

  /** Looks now. */
  take(atMs: number, megabytes: Record<string, number>): void {
    this.#samples.push({ atMs, megabytes });
  }

  /** Looks at `parts` every two seconds. @returns what ends that, after a last look */
  follow(parts: readonly Part[]): () => void {
    const look = (): void => this.take(performance.now(), memoryMegabytes(parts));
    look();
    const timer = setInterval(look, INTERVAL_MS);
    return () => {
      clearInterval(timer);
      look();
    };
  }

  /** MB (2^20 bytes) of each part at the last look. */
  atEnd(): Record<string, number> {
    return this.#samples.at(-1)?.megabytes ?? {};
  }

  /** The most that each part had at any look, in MB. */
  most(): Record<string, number> {
    return this.#ofEach((values) => Math.max(...values.map(({ value }) => value)));
  }

  /** MB a minute by which each part grew in the second half, by least squares: near zero where memory is flat. */
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
