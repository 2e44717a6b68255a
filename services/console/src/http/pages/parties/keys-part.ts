import { operations } from '@tallystick/contracts';
import { html, type Html } from '@tallystick/pages';
import type { TrustedKey } from '@tallystick/security';
import type { Producer } from '../../../domain/producers.ts';
import { reasonedForm } from '../../acts.ts';
import type { PageRequest } from '../../page.ts';
import { badge } from '../../parts/badge.ts';
import { card } from '../../parts/card.ts';
import { disclosure } from '../../parts/form.ts';
import { statusBadge } from '../../parts/status-badge.ts';
import { table } from '../../parts/table.ts';
import { shortId, spanText, time } from '../../parts/text.ts';
import { leftBadge } from './parties.ts';
import { partyPath } from './paths.ts';

/** Renders the keys of a producer, with their ages, ends and permissions, and the acts on them. */
export function keysPart(producer: Producer, { operator }: PageRequest, nowMs: number): Html {
  const mayChange = operator.scopes.has(operations.producerKeyRevoke.scope);
  return card({
    title: 'Keys and permissions',
    aside:
      !producer.isService &&
      html`<a class="button" href="/parties/enrol?producer=${encodeURIComponent(producer.producerId)}"
        >Replace a key</a
      >`,
    note: producer.isService
      ? 'Keys of services come from the seed of auth.'
      : 'A key is replaced by enrolling the producer again; the present key approves the new one.',
    body: table({
      caption: `Keys of ${producer.producerId}, newest first`,
      head: [
        'Key',
        'Use',
        'State',
        'Age',
        'Ends (UTC)',
        'Left',
        'May sign',
        { title: 'Act', kind: 'actions' },
      ],
      rows: producer.keys.map((key) => rowOf(producer, key, { nowMs, mayChange })),
    }),
  });
}

function rowOf(
  { producerId }: Producer,
  { kid, certificate }: TrustedKey,
  { nowMs, mayChange }: { nowMs: number; mayChange: boolean },
): (Html | string | false)[] {
  const { use, status, nbf, exp, permissions, batch } = certificate;
  const isActive = status === 'active';
  return [
    shortId(kid),
    use === 'sig' ? 'signs' : 'encrypts',
    statusBadge(status),
    spanText(Math.max(0, nowMs - nbf * 1_000)),
    time(new Date(exp * 1_000).toISOString()),
    isActive ? leftBadge(exp * 1_000 - nowMs) : '–',
    html`${permissions.map(
      ({ topic, types }) =>
        html`<div class="permission"><strong>${topic}</strong>: ${types.join(', ')}</div>`,
    )}
    ${batch === true && badge('batches')}`,
    mayChange &&
      isActive &&
      disclosure(
        'Revoke',
        html`<p class="note">Within seconds no service trusts this key, and it never comes back.</p>
          ${reasonedForm({
            id: `revoke-${kid}`,
            action: partyPath(producerId),
            hidden: { act: 'revoke-key', kid },
            submit: 'Revoke this key',
            isSevere: true,
          })}`,
      ),
  ];
}
