import { currencies } from '@tallystick/contracts';
import { html, type Html } from '@tallystick/pages';
import { findNewestPayments, type NewestPayment } from '../../../message-index/newest-payments.ts';
import type { ConsoleParts } from '../../../parts.ts';
import { shownWithout } from '../../other-pages.ts';
import type { Page } from '../../page.ts';
import { badge } from '../../parts/badge.ts';
import { card } from '../../parts/card.ts';
import { filters, field } from '../../parts/form.ts';
import { live } from '../../parts/live.ts';
import { emptyState } from '../../parts/notice.ts';
import { table } from '../../parts/table.ts';
import { money, shortId, time } from '../../parts/text.ts';
import { paymentPath } from './paths.ts';
import { paymentStates } from './states.ts';

const LIVE_PATH = '/live/payments';
const LIVE_MS = 3_000;
const PAYMENTS_SHOWN = 50;

/** Lists the newest payments, and finds one by any id. */
export function paymentsPage({ pool }: ConsoleParts): Page {
  const newest = (): Promise<Html> =>
    shownWithout(async () =>
      newestCard(await findNewestPayments(pool, Object.keys(paymentStates), PAYMENTS_SHOWN)),
    );
  return {
    path: '/payments',
    title: 'Payments',
    scope: 'ledger:read',
    nav: 2,
    live: [{ path: LIVE_PATH, scope: 'ledger:read', everyMs: LIVE_MS, render: newest }],
    async show() {
      return {
        lead: 'Follow a payment by any of its ids: its messages, who signed them, and the money.',
        main: html`${card({
          title: 'Find',
          body: filters(
            '/find',
            field({
              name: 'id',
              label: 'Any id',
              type: 'search',
              help: 'Payment, end-to-end id, transfer, hold, card authorization, account, message, trace…',
              lengthMax: 200,
            }),
            'Find',
          ),
        })}
        ${live(LIVE_PATH, await newest())}`,
      };
    },
  };
}

function newestCard(payments: readonly NewestPayment[]): Html {
  return card({
    title: 'Newest payments',
    body: table({
      caption: 'Newest payments',
      head: ['Payment', 'State', { title: 'Amount', kind: 'number' }, 'End-to-end id', 'Last message (UTC)'],
      rows: payments.map((one) => [
        shortId(one.paymentId, paymentPath(one.paymentId)),
        badge(...(paymentStates[one.type] ?? ([one.type, 'plain'] as const))),
        one.amountMinor !== null && one.currency !== null && Object.hasOwn(currencies, one.currency)
          ? money(BigInt(one.amountMinor), one.currency)
          : html`<span class="soft">–</span>`,
        one.endToEndId ?? html`<span class="soft">–</span>`,
        time(one.at.toISOString()),
      ]),
      empty: emptyState(
        'No payment yet',
        'Payments appear here as soon as the first message about one is published.',
      ),
    }),
  });
}
