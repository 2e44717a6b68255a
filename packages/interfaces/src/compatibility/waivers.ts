import { breakKinds, type BreakKind } from './break-kinds.ts';
import { ContractsInputError, type Contracts } from './contracts.ts';

/** A breaking change that is released all the same. */
export interface Waiver {
  /** `operation payment.create@2`, `topic card.events.v1` */
  address: string;
  field: string;
  kind: BreakKind;
  reason: string;
  /** Its line in the file, from 1. */
  line: number;
}

/** What a file of waivers says before its lines, and all that a release leaves of it. */
export const WAIVERS_HEAD = `# Breaking changes that the next release makes all the same, one a line:
#   operation payment.create@2 /body/purpose pattern.changed: the old pattern refused what the standard allows
# Interface, field (- for none), kind of break, and the reason, which the changelog tells. A line that matches no
# breaking change is an error. npx tallystick contracts release removes the lines.
`;

const LINE = /^(operation|message|topic|error|currency|wire) (\S+) (-|\/\S*) (\S+):\s*(.*)$/;

/**
 * Reads waivers.
 * @param all the contracts whose interfaces they may name
 * @throws ContractsInputError that names the line and what is wrong with it
 */
export function parseWaivers(text: string, ...all: readonly Contracts[]): Waiver[] {
  const isKnown = (what: string, name: string): boolean =>
    all.some(({ operations: operation, messages: message, topics: topic, errors: error, ...rest }) => {
      const known = { operation, message, topic, error, currency: rest.minorUnits, wire: rest.wire };
      return Object.hasOwn(known[what as keyof typeof known], name);
    });
  return text.split('\n').flatMap((content, at): Waiver[] => {
    const line = at + 1;
    if (content.trim() === '' || content.startsWith('#')) return [];
    const parts = LINE.exec(content.trim());
    if (parts === null)
      throw new ContractsInputError(
        `the waiver in line ${line} cannot be read: write interface, field or -, kind of break, a colon and the reason`,
      );
    const [what, name, field, kind, reason] = parts.slice(1) as [string, string, string, string, string];
    if (reason === '')
      throw new ContractsInputError(`the waiver in line ${line} has no reason: add one after the colon`);
    if (!Object.hasOwn(breakKinds, kind))
      throw new ContractsInputError(
        `the waiver in line ${line} names no kind of break: write it as the gate does`,
      );
    if (!isKnown(what, name))
      throw new ContractsInputError(
        `the waiver in line ${line} names ${what} ${name}, which does not exist: write an interface as the gate does, with its version`,
      );
    return [
      {
        address: `${what} ${name}`,
        field: field === '-' ? '' : field,
        kind: kind as BreakKind,
        reason: reason,
        line,
      },
    ];
  });
}
