import type { Spending } from '@tallystick/contracts';
import { insertRows, type Transaction } from '@tallystick/postgres';

interface Usage {
  mandateId: string;
  period: string;
  usedMinor: bigint;
}

const usageAdd = insertRows<Usage>(
  'mandate_usage_add',
  'mandate_usage',
  {
    mandate_id: ['text', ({ mandateId }) => mandateId],
    period: ['text', ({ period }) => period],
    used_minor: ['bigint', ({ usedMinor }) => usedMinor],
  },
  {
    orElse: `ON CONFLICT (mandate_id, period)
             DO UPDATE SET used_minor = mandate_usage.used_minor + excluded.used_minor`,
  },
);

/** Adds to the spending of mandates; a negative amount gives it back. The account of the mandate is locked. */
export function addSpending(tx: Transaction, spent: Spending): void {
  const rows = [...spent].flatMap(([key, usedMinor]): Usage[] => {
    const [mandateId = '', period = ''] = key.split(' ');
    return usedMinor === 0n ? [] : [{ mandateId, period, usedMinor }];
  });
  if (rows.length > 0) tx.write(usageAdd(rows));
}
