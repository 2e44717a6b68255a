import type { AttackResult } from './run-attacks.ts';

/** Tells on stderr how far a run is: one updated line on a terminal, otherwise each attack that was not refused. */
export class Progress {
  readonly #isTerminal = process.stderr.isTTY;
  readonly #total: number;
  #done = 0;
  #accepted = 0;

  constructor(total: number) {
    this.#total = total;
  }

  readonly tell = ({ name, held, shown }: AttackResult): void => {
    this.#done += 1;
    if (!held) this.#accepted += 1;
    if (this.#isTerminal) {
      const end = this.#done === this.#total ? '\n' : '';
      process.stderr.write(
        `\r\u001B[K  ${this.#done} of ${this.#total}, ${this.#accepted} accepted: ${name}${end}`,
      );
    } else if (!held) {
      process.stderr.write(`  ✗ ${name}: ${shown}\n`);
    }
  };
}
