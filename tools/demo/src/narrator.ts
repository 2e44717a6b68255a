import { styleText } from 'node:util';

interface Step {
  chapter: string;
  statement: string;
  holds: boolean;
}

type Style = Parameters<typeof styleText>[0];

/** Tells the story to a person, and counts the statements that held. Colours appear only on a terminal. */
export class Narrator {
  readonly #colour: boolean;
  readonly #write: (text: string) => void;
  readonly #steps: Step[] = [];
  #chapter = '';

  constructor(colour: boolean, write: (text: string) => void = (text) => void process.stdout.write(text)) {
    this.#colour = colour;
    this.#write = write;
  }

  /** Every statement so far, in order. */
  get steps(): readonly Step[] {
    return this.#steps;
  }

  get held(): number {
    return this.#steps.filter(({ holds }) => holds).length;
  }

  get broken(): number {
    return this.#steps.filter(({ holds }) => !holds).length;
  }

  /** Prints a line during a longer step, apart from the story. */
  progress = (line: string): void => {
    process.stderr.write(`${this.#style('dim', line)}\n`);
  };

  chapter(title: string): void {
    this.#chapter = title;
    this.#write(`\n${this.#style('bold', title)}\n`);
  }

  /** Prints an event, with its amounts, ids and states. */
  tell(line: string): void {
    this.#write(`  ${line}\n`);
  }

  /** Prints a statement of the story, and whether it holds. */
  check(statement: string, holds: boolean, found?: string): void {
    this.#steps.push({ chapter: this.#chapter, statement, holds });
    const mark = holds ? this.#style('green', '✓') : this.#style('red', '✗');
    const shown = found === undefined ? '' : this.#style('dim', `  ${found}`);
    this.#write(`  ${mark} ${statement}${shown}\n`);
  }

  /** Runs a chapter; an error breaks the story and is printed. */
  async during(title: string, work: () => Promise<void>): Promise<boolean> {
    this.chapter(title);
    try {
      await work();
      return true;
    } catch (error) {
      this.check(error instanceof Error ? error.message : String(error), false);
      if (error instanceof Error && error.cause !== undefined) this.tell(JSON.stringify(error.cause));
      return false;
    }
  }

  #style(style: Style, text: string): string {
    return this.#colour ? styleText(style, text, { validateStream: false }) : text;
  }
}
