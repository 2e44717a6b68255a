import { onDatabase } from '../system/query.ts';
import { holdsUnless, paymentIds, type Books, type Check } from './check.ts';

/** The view of one service on a payment: its captured amount, and whether money is still reserved. */
interface Said {
  id: string;
  captured: bigint;
  open: boolean;
}

/** Payments, the ledger's transfers and holds, and card authorizations agree on each payment. */
export const servicesAgree: Check = async (books) => {
  const ids = paymentIds(books.orders);
  const [payments, ledger, cards] = await Promise.all([
    saidByPayment(books, ids),
    saidByLedger(books, ids),
    saidByCard(books, ids),
  ]);
  return holdsUnless(
    books.orders.flatMap(({ paymentId, status, amountMinor, source }) => {
      if (paymentId === undefined) return [];
      const captured = status === 'captured' ? amountMinor : 0n;
      const disagrees = (said: Said | undefined, who: string): string[] =>
        (said?.captured ?? 0n) === captured && said?.open !== true
          ? []
          : [`${paymentId} is ${status} for ${amountMinor}; ${who}: ${describe(said)}`];
      return [
        ...disagrees(payments.get(paymentId), 'payment'),
        ...disagrees(ledger.get(paymentId), 'ledger'),
        ...(source.kind === 'card' ? disagrees(cards.get(paymentId), 'card') : []),
      ];
    }),
  );
};

function describe(said: Said | undefined): string {
  return said === undefined ? 'nothing' : `${said.captured}${said.open ? ', and it is still open' : ''}`;
}

function saidByPayment({ stack }: Books, ids: string[]): Promise<Map<string, Said>> {
  return ask(
    stack.postgres.payment!,
    `SELECT payment_id AS id, captured_minor AS captured, status IN ('requested', 'authorized') AS open
     FROM payment WHERE payment_id = ANY($1::text[])`,
    ids,
  );
}

function saidByLedger({ stack }: Books, ids: string[]): Promise<Map<string, Said>> {
  return ask(
    stack.postgres.account!,
    `SELECT asked.id, coalesce(t.captured, 0)::bigint AS captured, coalesce(h.open, false) AS open
     FROM unnest($1::text[]) AS asked (id)
     LEFT JOIN (SELECT payment_id, sum(amount_minor) AS captured FROM journal_entry WHERE NOT refund GROUP BY 1) t
       ON t.payment_id = asked.id
     LEFT JOIN (SELECT payment_id, bool_or(status = 'open') AS open FROM hold GROUP BY 1) h ON h.payment_id = asked.id`,
    ids,
  );
}

function saidByCard({ stack }: Books, ids: string[]): Promise<Map<string, Said>> {
  return ask(
    stack.postgres.card!,
    `SELECT payment_id AS id, sum(cleared_minor)::bigint AS captured, bool_or(status IN ('requested', 'approved')) AS open
     FROM card_authorization WHERE payment_id = ANY($1::text[]) GROUP BY 1`,
    ids,
  );
}

async function ask(url: string, text: string, ids: string[]): Promise<Map<string, Said>> {
  const rows = await onDatabase(url, (query) => query<Said>(text, [ids]));
  return new Map(rows.map((row) => [row.id, row]));
}
