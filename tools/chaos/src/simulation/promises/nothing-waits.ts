import type { SimulatedPromise } from './promise.ts';

export const nothingWaits: SimulatedPromise = {
  name: 'the system came to rest: outboxes empty, nothing left to consume',
  objections: ({ isQuiet, ledger, card, payment }) => [
    ...(isQuiet ? [] : ['it never came to rest']),
    ...[ledger, card, payment].flatMap(({ service: { name, lag, unpublished } }) =>
      lag === 0 && unpublished === 0
        ? []
        : [`${name}: ${lag} records behind, ${unpublished} rows unpublished`],
    ),
  ],
};
