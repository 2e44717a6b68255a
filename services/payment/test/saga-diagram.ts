import { paymentStatuses } from '@tallystick/contracts';
import type { SagaEventKind } from '../src/domain/saga-event.ts';
import { saga, type Rule } from '../src/domain/saga.ts';

/** Draws the saga as a Mermaid state diagram: an arrow for each event that leads to another state. */
export function sagaDiagram(): string {
  const arrows = paymentStatuses.flatMap((from) =>
    paymentStatuses.flatMap((to) => {
      const events = (Object.keys(saga[from]) as SagaEventKind[]).filter((event) => {
        const step: Rule = saga[from][event];
        return step.to.includes(to);
      });
      return events.length === 0 ? [] : [`  ${from} --> ${to}: ${events.join(', ')}`];
    }),
  );
  return ['stateDiagram-v2', '  [*] --> requested: ordered', ...arrows].join('\n');
}
