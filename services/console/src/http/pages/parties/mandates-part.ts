import { operations } from '@tallystick/contracts';
import { html, type Html } from '@tallystick/pages';
import { reasonedForm } from '../../acts.ts';
import type { PageRequest } from '../../page.ts';
import { card } from '../../parts/card.ts';
import { disclosure } from '../../parts/form.ts';
import { emptyState } from '../../parts/notice.ts';
import { statusBadge } from '../../parts/status-badge.ts';
import { table } from '../../parts/table.ts';
import { money, shortId, time } from '../../parts/text.ts';
import { partyPath } from './paths.ts';

const { ledgerMandates, partyMandatesWithdraw } = operations;
const SHOWN = 100;

/** Renders the mandates that a party granted or holds, with their limits, and the act that withdraws them. */
export async function mandatesPart(partyId: string, { client, operator }: PageRequest): Promise<Html> {
  if (!operator.scopes.has(ledgerMandates.scope)) return html``;
  const { body } = await client.call(ledgerMandates, { params: { partyId }, query: { limit: SHOWN } });
  const active = body.mandates.filter(({ status }) => status === 'active').length;
  return card({
    title: 'Mandates',
    note: 'Permissions to debit an account within limits, that this party granted or holds.',
    body: html`${table({
      caption: `Mandates of ${partyId}, newest first`,
      head: [
        'Mandate',
        'State',
        'Account',
        'Owner',
        'Holder',
        { title: 'Per payment', kind: 'number' },
        { title: 'Per day', kind: 'number' },
        { title: 'Per month', kind: 'number' },
        'Granted (UTC)',
        'Ends (UTC)',
      ],
      rows: body.mandates.map((mandate) => [
        shortId(mandate.mandateId),
        statusBadge(mandate.status),
        shortId(mandate.accountId, `/accounts/${mandate.accountId}`),
        shortId(mandate.ownerId, partyPath(mandate.ownerId)),
        shortId(mandate.grantee.id, partyPath(mandate.grantee.id)),
        money(mandate.limits.perPaymentMinor, mandate.currency),
        money(mandate.limits.perDayMinor, mandate.currency),
        money(mandate.limits.perMonthMinor, mandate.currency),
        time(mandate.grantedAt),
        mandate.endsAt === undefined ? 'when withdrawn' : time(mandate.endsAt),
      ]),
      empty: emptyState('No mandate', 'This party neither granted nor holds one.'),
    })}
    ${
      active > 0 &&
      operator.scopes.has(partyMandatesWithdraw.scope) &&
      disclosure(
        'Withdraw all mandates',
        html`<p class="note">
            Nobody debits an account by them from then on. Up to 1,000 are withdrawn at once.
          </p>
          ${reasonedForm({
            id: 'withdraw',
            action: partyPath(partyId),
            hidden: { act: 'withdraw-mandates' },
            submit: 'Withdraw all',
            isSevere: true,
          })}`,
      )
    }`,
  });
}
