import { transferOf } from '@tallystick/account/domain/entry.ts';
import type { SimulatedPromise } from './promise.ts';

export const servicesAgree: SimulatedPromise = {
  name: 'payments, holds, transfers and authorizations agree',
  objections: ({ payment, ledger, card }) => {
    const entries = Map.groupBy(ledger.entries.rows.values(), ({ paymentId }) => paymentId ?? '');
    const holds = Map.groupBy(ledger.holds.rows.values(), ({ paymentId }) => paymentId);
    const authorizations = Map.groupBy(card.authorizations.rows.values(), ({ paymentId }) => paymentId);
    return [...payment.payments.rows.values()].flatMap((one) => {
      const { paymentId, status, capturedMinor, refundedMinor, source } = one;
      const sum = (refund: boolean): bigint =>
        (entries.get(paymentId) ?? [])
          .filter((entry) => entry.refund === refund)
          .reduce((total, entry) => total + (transferOf(entry)?.amountMinor ?? 0n), 0n);
      const objections: string[] = [];
      const object = (what: string): void => void objections.push(`${paymentId} is ${status}: ${what}`);
      if (sum(false) !== capturedMinor)
        object(`captured ${capturedMinor}, but the ledger moved ${sum(false)}`);
      if (sum(true) !== refundedMinor)
        object(`refunded ${refundedMinor}, but the ledger refunded ${sum(true)}`);
      const moved = status === 'captured' || status === 'refunded';
      if (moved !== capturedMinor > 0n) object(`captured ${capturedMinor}`);
      if ((status === 'refunded') !== (capturedMinor > 0n && refundedMinor === capturedMinor))
        object(`captured ${capturedMinor}, refunded ${refundedMinor}`);
      if (holds.get(paymentId)?.some((hold) => hold.status === 'open') === true)
        object('money is still held');
      for (const authorization of authorizations.get(paymentId) ?? []) {
        const isOver = authorization.status === 'ended' || authorization.status === 'declined';
        if (!isOver || authorization.clearedMinor !== capturedMinor)
          object(`its authorization is ${authorization.status}, cleared ${authorization.clearedMinor}`);
      }
      if (source.kind === 'card' && status !== 'failed' && !authorizations.has(paymentId))
        object('no authorization');
      return objections;
    });
  },
};
