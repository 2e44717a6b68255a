import { operations } from '@tallystick/contracts';
import { html, type Html } from '@tallystick/pages';
import { shownWithout } from '../../other-pages.ts';
import type { Page, PageRequest } from '../../page.ts';
import { badge } from '../../parts/badge.ts';
import { card, figures } from '../../parts/card.ts';
import { field, filters } from '../../parts/form.ts';
import { emptyState } from '../../parts/notice.ts';
import { nextPage, table } from '../../parts/table.ts';
import { id, money, time } from '../../parts/text.ts';
import { statusBadge } from '../../parts/status-badge.ts';

const ACCOUNT_ID = /^acc_[0-9a-f-]{36}$/;
const OWNER_ID = /^[A-Za-z0-9._-]{1,128}$/;

/** Looks up accounts by their id or their owner, and shows whether the books balance. */
export function accountsPage(): Page {
  return {
    path: '/accounts',
    title: 'Accounts',
    scope: 'ledger:read',
    nav: 5,
    find: (text) => (/^usr_/.test(text) ? `/accounts?of=${encodeURIComponent(text)}` : undefined),
    async show(request) {
      const wanted = request.query.get('of')?.trim() ?? '';
      if (ACCOUNT_ID.test(wanted)) return { redirect: `/accounts/${wanted}` };
      return {
        lead: 'Accounts of the ledger, their entries and holds, and the books as a whole.',
        main: html`${card({
          title: 'Look up',
          body: filters(
            '/accounts',
            field({
              name: 'of',
              label: 'Account or owner',
              value: wanted,
              help: 'acc_…, or the id of a customer or client',
              lengthMax: 128,
            }),
          ),
        })}
        ${wanted !== '' && (await ownedAccounts(request, wanted))} ${await shownWithout(() => books(request))}`,
      };
    },
  };
}

async function ownedAccounts({ client, query }: PageRequest, owner: string): Promise<Html> {
  if (!OWNER_ID.test(owner))
    return emptyState(
      'No account has this id',
      'An account is acc_ and a UUID; an owner is usr_ and a UUID, or the name of a client.',
    );
  const { body } = await client.call(operations.ledgerAccounts, {
    params: { partyId: owner },
    query: { limit: 100, cursor: query.get('cursor') ?? undefined },
  });
  const next =
    body.nextCursor === undefined
      ? undefined
      : `/accounts?${new URLSearchParams({ of: owner, cursor: body.nextCursor }).toString()}`;
  return card({
    title: 'Accounts of this owner',
    body: html`${table({
      caption: `Accounts of ${owner}`,
      head: [
        'Account',
        'Kind',
        'State',
        { title: 'Posted', kind: 'number' },
        { title: 'Available', kind: 'number' },
        'Opened',
      ],
      rows: body.accounts.map((one) => [
        id(one.accountId, `/accounts/${one.accountId}`),
        one.kind,
        statusBadge(one.status),
        money(one.postedMinor, one.currency),
        money(one.availableMinor, one.currency),
        time(one.openedAt),
      ]),
      empty: emptyState(
        'This owner has no account',
        html`A customer, a client or a producer may still be known elsewhere: see
          <a href="/parties/${encodeURIComponent(owner)}">the party</a>.`,
      ),
    })}
    ${nextPage(next)}`,
  });
}

async function books({ client }: PageRequest): Promise<Html> {
  const { body } = await client.call(operations.trialBalance);
  const { currencies, balanced } = body;
  const sumOf = (of: 'accounts' | 'transfers'): number => currencies.reduce((sum, one) => sum + one[of], 0);
  return html`${figures([
    {
      name: 'Books',
      value: balanced ? 'Balanced' : 'Not balanced',
      tone: balanced ? 'good' : 'bad',
      note: balanced ? 'Every sum that must be zero is zero' : 'See the runbook books-do-not-balance',
    },
    { name: 'Currencies in use', value: currencies.length },
    { name: 'Accounts', value: sumOf('accounts').toLocaleString('en') },
    { name: 'Transfers', value: sumOf('transfers').toLocaleString('en') },
  ])}
  ${card({
    title: 'Trial balance',
    note: 'Balances and entries of a currency each sum to zero, and pending amounts to its open holds.',
    aside: html`<a class="button" href="/audit/chains">Verify the audits</a>`,
    body: table({
      caption: 'Trial balance by currency',
      head: [
        'Currency',
        'State',
        { title: 'Balances', kind: 'number' },
        { title: 'Entries', kind: 'number' },
        { title: 'Pending', kind: 'number' },
        { title: 'Open holds', kind: 'number' },
        { title: 'Accounts', kind: 'number' },
        { title: 'Transfers', kind: 'number' },
      ],
      rows: currencies.map((one) => [
        html`<strong>${one.currency}</strong>`,
        one.balancesMinor === 0n && one.entriesMinor === 0n && one.pendingMinor === one.holdsMinor
          ? badge('balanced', 'good')
          : badge('not balanced', 'bad'),
        money(one.balancesMinor, one.currency),
        money(one.entriesMinor, one.currency),
        money(one.pendingMinor, one.currency),
        money(one.holdsMinor, one.currency),
        one.accounts.toLocaleString('en'),
        one.transfers.toLocaleString('en'),
      ]),
      empty: emptyState('The books are empty', 'No account has been opened yet.'),
    }),
  })}`;
}
