import { ProblemError } from '@tallystick/client';
import { operations } from '@tallystick/contracts';
import { html, type Html } from '@tallystick/pages';
import { faultWords } from '../../other-pages.ts';
import type { PageRequest } from '../../page.ts';
import { badge } from '../../parts/badge.ts';
import { card } from '../../parts/card.ts';
import { emptyState, problem } from '../../parts/notice.ts';
import { table } from '../../parts/table.ts';
import { facts, id, money, time } from '../../parts/text.ts';

/** Renders what a payment did in the ledger. If the ledger is away, the rest of the page stays. */
export async function moneyCard({ client, signal }: PageRequest, paymentId: string): Promise<Html> {
  try {
    const { body } = await client.call(operations.ledgerPayment, { params: { paymentId }, signal });
    const { hold, transfers } = body;
    return card({
      title: 'Money',
      note: 'Holds and transfers in the ledger, with the balances after each.',
      body: html`${
        hold !== undefined &&
        facts([
          ['Hold', id(hold.holdId)],
          ['Amount', money(hold.amountMinor, hold.currency)],
          ['Posted', money(hold.postedMinor, hold.currency)],
          ['State', badge(hold.status, hold.status === 'open' ? 'accent' : 'plain')],
          ['From', id(hold.debitAccountId, accountPath(hold.debitAccountId))],
          ['To', id(hold.creditAccountId, accountPath(hold.creditAccountId))],
          ['Placed', time(hold.placedAt)],
          ['Expires', time(hold.expiresAt)],
        ])
      }
      ${table({
        caption: 'Transfers of the payment',
        head: [
          'Posted',
          'Transfer',
          { title: 'Amount', kind: 'number' },
          'From',
          { title: 'Balance then', kind: 'number' },
          'To',
          { title: 'Balance then', kind: 'number' },
        ],
        rows: transfers.map((one) => [
          time(one.postedAt),
          html`${id(one.transferId)} ${one.refund && badge('refund', 'warn')}`,
          money(one.amountMinor, one.currency),
          id(one.debitAccountId, accountPath(one.debitAccountId)),
          balance(one.debitBalanceMinor, one.currency),
          id(one.creditAccountId, accountPath(one.creditAccountId)),
          balance(one.creditBalanceMinor, one.currency),
        ]),
        empty: emptyState('No money moved', 'The ledger posted no transfer of this payment.'),
      })}`,
    });
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'resource.not_found')
      return card({
        title: 'Money',
        body: emptyState(
          'Nothing in the ledger',
          'No hold was placed and no transfer posted for this payment.',
        ),
      });
    const words = faultWords(error);
    if (words === undefined) throw error;
    return card({ title: 'Money', body: problem(words.title, words.text) });
  }
}

function balance(minor: bigint | undefined, currency: string): Html {
  return minor === undefined ? html`<span class="soft">not kept</span>` : money(minor, currency);
}

function accountPath(accountId: string): string {
  return `/accounts/${encodeURIComponent(accountId)}`;
}
