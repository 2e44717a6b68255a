import { coreServices, operations, type ServiceName } from '@tallystick/contracts';
import { shortReleaseId } from '@tallystick/interfaces';
import { html, type Html } from '@tallystick/pages';
import { settingsInForce, type SettingInForce } from '@tallystick/service';
import type { ConsoleParts } from '../../../parts.ts';
import { shownWithout } from '../../other-pages.ts';
import type { PageRequest } from '../../page.ts';
import { badge } from '../../parts/badge.ts';
import { card, grid } from '../../parts/card.ts';
import { disclosure } from '../../parts/form.ts';
import { table } from '../../parts/table.ts';
import { facts, id, time } from '../../parts/text.ts';

const shown = {
  auth: operations.authSettings,
  account: operations.accountSettings,
  card: operations.cardSettings,
  payment: operations.paymentSettings,
} as const;

/** Renders the settings in force of each service, with its release. */
export async function settingsCards(parts: ConsoleParts, { client }: PageRequest): Promise<Html> {
  const cards = await Promise.all(
    coreServices.map((service) =>
      shownWithout(async () => {
        const { body } = await client.call(shown[service]);
        return settingsCard(service, body.settings, {
          releaseId: body.releaseId,
          startedAt: body.startedAt,
        });
      }),
    ),
  );
  return html`<div id="settings">
    ${grid([...cards, settingsCard('console', settingsInForce(parts.config))])}
  </div>`;
}

function settingsCard(
  service: ServiceName,
  settings: readonly SettingInForce[],
  release?: { releaseId: string; startedAt: string },
): Html {
  const set = settings.filter(({ isSet }) => isSet);
  return card({
    title: `Settings of ${service}`,
    body: html`${
      release !== undefined &&
      facts([
        ['Release', html`<span title="${release.releaseId}">${id(shortReleaseId(release.releaseId))}</span>`],
        ['Process started (UTC)', time(release.startedAt)],
      ])
    }
    ${disclosure(
      `${set.length} settings`,
      table({
        caption: `Settings of ${service}`,
        head: ['Name', 'Value'],
        rows: settings.map(({ name, value, isSet }) => [
          html`<code>${name}</code>`,
          value === undefined
            ? badge(isSet ? 'set, not shown' : 'not set')
            : html`<span class="id">${value}</span>`,
        ]),
      }),
    )}`,
  });
}
