import { periodsOf, spendingKey, type Spending } from '@tallystick/contracts';
import { insertRows, type Transaction } from '@tallystick/postgres';
import type { State } from '../domain/decide.ts';

interface Usage {
  mandateId: string;
  period: string;
  usedMinor: bigint;
}

const usageSave = insertRows<Usage>(
  'mandate_usage_save',
  'mandate_usage',
  {
    mandate_id: ['text', ({ mandateId }) => mandateId],
    period: ['text', ({ period }) => period],
    used_minor: ['bigint', ({ usedMinor }) => usedMinor],
  },
  { orElse: 'ON CONFLICT (mandate_id, period) DO UPDATE SET used_minor = excluded.used_minor' },
);

/** Saves the spending of the mandates of a batch, today and this month. */
export function saveUsage(tx: Transaction, { mandates, usage }: State, nowMs: number): void {
  const { day, month } = periodsOf(nowMs);
  const rows = [...mandates.values()].flatMap(({ mandateId }) =>
    [day, month].flatMap((period) => {
      const usedMinor = usage.get(spendingKey(mandateId, period));
      return usedMinor === undefined ? [] : [{ mandateId, period, usedMinor }];
    }),
  );
  if (rows.length > 0) tx.write(usageSave(rows));
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

/** Adds to the spending of mandates, in a replay. */
export function addSpending(tx: Transaction, spent: Spending): void {
  const rows = [...spent].map(([key, usedMinor]) => {
    const [mandateId = '', period = ''] = key.split(' ');
    return { mandateId, period, usedMinor };
  });
  if (rows.length > 0) tx.write(usageAdd(rows));
}
