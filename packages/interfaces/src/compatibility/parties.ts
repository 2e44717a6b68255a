import type { MessageContract, OperationContract } from './contracts.ts';

/** The party of third parties. */
export const CLIENT = 'client';

/** Names who calls an operation. */
export function callersOf({ callers }: OperationContract): string {
  return callers;
}

/** Names who sends a message. */
export function sendersOf({ from }: MessageContract): string {
  return partiesOf(from, 'sends');
}

/** Names who reads a message. */
export function readersOf({ to, topic }: MessageContract): string {
  return to.length === 0 ? `the readers of ${topic}` : partiesOf(to, 'reads');
}

/** Names who reads a format on the wire. */
export function wireReadersOf(name: string): string {
  return `whoever reads or writes a ${name}`;
}

function partiesOf(parties: readonly string[], verb: string): string {
  return parties
    .map((party) => (party === CLIENT ? 'third parties' : `the ${party} service, which ${verb} it`))
    .join('; ');
}
