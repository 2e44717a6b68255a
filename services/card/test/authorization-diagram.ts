import { holdSteps, type Authorization, type HoldEvent } from '../src/domain/authorization.ts';

const events: readonly HoldEvent[] = [
  { kind: 'placed' },
  { kind: 'rejected', code: 'ledger.insufficient_funds' },
  { kind: 'ended', postedMinor: 1n },
];

/**
 * Draws the table of an authorization as a Mermaid state diagram: an arrow for each event that leads to another state.
 * @param asked an authorization, in any state
 */
export function authorizationDiagram(asked: Authorization): string {
  const states = Object.keys(holdSteps) as Authorization['status'][];
  const arrows = states.flatMap((from) =>
    events.flatMap((event) => {
      const authorization = { ...asked, status: from };
      holdSteps[from][event.kind](authorization, event);
      const { status: to } = authorization;
      return to === from ? [] : [`  ${from} --> ${to}: ${event.kind}`];
    }),
  );
  return ['stateDiagram-v2', '  [*] --> requested: card.authorize', ...arrows].join('\n');
}
