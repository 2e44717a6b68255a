import { operations, type Currency } from '@tallystick/contracts';
import { html, type Html } from '@tallystick/pages';
import type { ConsoleParts } from '../../../parts.ts';
import { findActs } from '../../../store/acts.ts';
import { carryOutAct, lastAct, reasonedForm } from '../../acts.ts';
import { notFoundOf, shownWithout } from '../../other-pages.ts';
import type { Page, PageRequest } from '../../page.ts';
import { actsTable } from '../../parts/acts-table.ts';
import { card, figures } from '../../parts/card.ts';
import { disclosure } from '../../parts/form.ts';
import { emptyState } from '../../parts/notice.ts';
import { statusBadge } from '../../parts/status-badge.ts';
import { nextPage, table } from '../../parts/table.ts';
import { facts, id, money, shortId, time } from '../../parts/text.ts';

const { ledgerAccount, ledgerEntries, ledgerHolds, accountFreeze, accountUnfreeze } = operations;
const ENTRIES_SHOWN = 50;
const ACTS_SHOWN = 10;

interface Shown {
  accountId: string;
  ownerId: string;
  kind: string;
  currency: string;
  status: string;
  postedMinor: bigint;
  pendingMinor: bigint;
  availableMinor: bigint;
  openedAt: string;
}

/** Shows an account with its entries and open holds, and freezes it. */
export function accountPage(parts: ConsoleParts): Page {
  return {
    path: '/accounts/:accountId',
    title: 'Account',
    scope: 'ledger:read',
    find: (text) => (/^acc_/.test(text) ? `/accounts/${encodeURIComponent(text)}` : undefined),
    async show(request) {
      const accountId = request.params['accountId']!;
      if (!/^acc_[0-9a-f-]{36}$/.test(accountId)) return notFoundOf('account', accountId);
      const { body: account } = await request.client.call(ledgerAccount, { params: { accountId } });
      return {
        title: `Account in ${account.currency}`,
        lead: id(account.accountId),
        aside: statusBadge(account.status),
        main: html`${lastAct(request.query)} ${balances(account)} ${aboutAccount(account, request)}
        ${await shownWithout(() => entries(request, account))}
        ${await shownWithout(() => holds(request, account))}
        ${card({
          title: 'Acts on this account',
          note: 'What operators did here through the console, with their reasons.',
          body: await shownWithout(async () =>
            actsTable(await findActs(parts.pool, { object: account.accountId, limit: ACTS_SHOWN })),
          ),
        })}`,
      };
    },
    act(request) {
      const accountId = request.params['accountId']!;
      const operation = request.form.get('act') === 'unfreeze' ? accountUnfreeze : accountFreeze;
      return carryOutAct(parts, request, {
        operation,
        object: accountId,
        call: (client) => client.call(operation, { params: { accountId } }),
        back: `/accounts/${encodeURIComponent(accountId)}`,
      });
    },
  };
}

function balances({ postedMinor, pendingMinor, availableMinor, currency }: Shown): Html {
  return figures([
    { name: 'Posted', value: money(postedMinor, currency), note: 'Credits minus debits' },
    { name: 'Pending', value: money(pendingMinor, currency), note: 'Reserved by open holds' },
    { name: 'Available', value: money(availableMinor, currency), note: 'Posted minus pending' },
  ]);
}

function aboutAccount(account: Shown, { operator }: PageRequest): Html {
  const isFrozen = account.status === 'frozen';
  const mayFreeze =
    operator.scopes.has(accountFreeze.scope) && account.kind === 'customer' && account.status !== 'closed';
  return card({
    title: 'About',
    body: html`${facts([
      ['Owner', id(account.ownerId, `/parties/${encodeURIComponent(account.ownerId)}`)],
      ['Kind', account.kind],
      ['Opened (UTC)', time(account.openedAt)],
    ])}
    ${
      mayFreeze &&
      disclosure(
        isFrozen ? 'Unfreeze this account' : 'Freeze this account',
        html`<p class="note">
            ${
              isFrozen
                ? 'Money may leave it again.'
                : 'From then on no money leaves it. It may still receive.'
            }
          </p>
          ${reasonedForm({
            id: 'freeze',
            action: `/accounts/${encodeURIComponent(account.accountId)}`,
            hidden: { act: isFrozen ? 'unfreeze' : 'freeze' },
            submit: isFrozen ? 'Unfreeze' : 'Freeze',
            isSevere: !isFrozen,
          })}`,
      )
    }`,
  });
}

async function entries({ client, query }: PageRequest, { accountId, currency }: Shown): Promise<Html> {
  const { body } = await client.call(ledgerEntries, {
    params: { accountId },
    query: { limit: ENTRIES_SHOWN, cursor: query.get('cursor') ?? undefined },
  });
  const next =
    body.nextCursor === undefined
      ? undefined
      : `/accounts/${accountId}?cursor=${encodeURIComponent(body.nextCursor)}#entries`;
  return card({
    title: 'Entries',
    id: 'entries',
    note: 'Newest first.',
    body: html`${table({
      caption: 'Entries of the account, newest first',
      head: [
        'Posted (UTC)',
        { title: 'Amount', kind: 'number' },
        { title: 'Balance', kind: 'number' },
        'Other account',
        'Payment',
        'Transfer',
      ],
      rows: body.entries.map((entry) => [
        time(entry.postedAt),
        money(entry.amountMinor, currency as Currency),
        money(entry.balanceMinor, currency),
        shortId(entry.counterpartyAccountId, `/accounts/${entry.counterpartyAccountId}`),
        entry.paymentId === undefined ? '–' : shortId(entry.paymentId, `/payments/${entry.paymentId}`),
        shortId(entry.transferId, `/payments/${entry.transferId}`),
      ]),
      empty: emptyState('No entry', 'No money has moved on this account.'),
    })}
    ${nextPage(next)}`,
  });
}

async function holds({ client }: PageRequest, { accountId }: Shown): Promise<Html> {
  const { body } = await client.call(ledgerHolds, { params: { accountId } });
  return card({
    title: 'Open holds',
    note: 'Amounts that are reserved for a payee until they are captured, voided or expire.',
    body: table({
      caption: 'Open holds on the account, newest first',
      head: [
        'Placed (UTC)',
        { title: 'Amount', kind: 'number' },
        'Payee',
        'Payment',
        'Expires (UTC)',
        'Hold',
      ],
      rows: body.holds.map((hold) => [
        time(hold.placedAt),
        money(hold.amountMinor, hold.currency),
        shortId(hold.creditAccountId, `/accounts/${hold.creditAccountId}`),
        shortId(hold.paymentId, `/payments/${hold.paymentId}`),
        time(hold.expiresAt),
        shortId(hold.holdId, `/payments/${hold.holdId}`),
      ]),
      empty: emptyState('No open hold', 'Nothing on this account is reserved.'),
    }),
  });
}
