import type { SimulatedPromise } from './promise.ts';

export const nothingWaits: SimulatedPromise = {
  name: 'the system became idle: outboxes empty, all records consumed',
  objections: ({ isQuiet, ledger, card, payment }) => [
    ...(isQuiet ? [] : ['it did not become idle']),
    ...[ledger, card, payment].flatMap(({ service: { name, lag, unpublished } }) =>
      lag === 0 && unpublished === 0
        ? []
        : [`${name}: ${lag} records behind, ${unpublished} rows unpublished`],
    ),
  ],
};
