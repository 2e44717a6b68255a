import { onDatabase } from '@tallystick/load';
import { promise } from './promise.ts';

const asks = [
  ['account', 'hold', 'SELECT payment_id AS id, count(*) AS times FROM hold GROUP BY 1 HAVING count(*) > 1'],
  [
    'card',
    'authorization',
    'SELECT payment_id AS id, count(*) AS times FROM card_authorization GROUP BY 1 HAVING count(*) > 1',
  ],
] as const;

export const oneHold = promise(
  'each payment has at most one hold and one authorization',
  async ({ stack }) => {
    const found = await Promise.all(
      asks.map(async ([service, what, text]) => {
        const rows = await onDatabase(stack.postgres[service]!, (query) =>
          query<{ id: string; times: bigint }>(text),
        );
        return rows.map(({ id, times }) => `${id} has ${times} ${what}s`);
      }),
    );
    return found.flat();
  },
);
