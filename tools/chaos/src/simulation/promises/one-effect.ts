import type { SimulatedPromise } from './promise.ts';

export const oneEffect: SimulatedPromise = {
  name: 'each order, end-to-end id and idempotency key had at most one effect',
  objections: ({ payment, customers, ledger }) => {
    const payments = [...payment.payments.rows.values()];
    const perId = Map.groupBy(payments, ({ endToEndId }) => endToEndId);
    const movementIds = new Set([...payment.movements.rows.values()].map(({ transferId }) => transferId));
    return [
      ...customers.plans
        .filter(({ order }) => perId.get(order.endToEndId)?.length !== 1)
        .map(({ order }) => `${order.endToEndId} is ${perId.get(order.endToEndId)?.length ?? 0} payments`),
      ...[...ledger.entries.rows.values()]
        .filter(({ entryId }) => !movementIds.has(entryId))
        .map(({ entryId, paymentId }) => `${entryId} moved money that ${String(paymentId)} did not request`),
      ...[...Map.groupBy(ledger.holds.rows.values(), ({ paymentId }) => paymentId)]
        .filter(([, holds]) => holds.length > 1)
        .map(([paymentId, holds]) => `${paymentId} has ${holds.length} holds`),
    ];
  },
};
