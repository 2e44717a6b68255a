import type { Html } from '@tallystick/pages';
import { html } from '@tallystick/pages';
import { readClientFigures, readDeprecatedUses } from '../../../figures/client-figures.ts';
import { FiguresUnavailableError } from '../../../figures/figure-source.ts';
import type { Transport } from '../../../figures/interface-figures.ts';
import type { ConsoleParts } from '../../../parts.ts';
import { badge } from '../../parts/badge.ts';
import { card } from '../../parts/card.ts';
import { emptyState, problem } from '../../parts/notice.ts';
import { countText, shareText } from '../../parts/numbers.ts';
import { table } from '../../parts/table.ts';
import { versionsOf } from './entries.ts';

const WINDOW_S = 3_600;

/** Shows who used an interface in the last hour, in which version, and who still uses deprecated ones. */
export async function clientsCard(
  { figures: source }: ConsoleParts,
  name: string,
  transport: Transport,
  definition: Parameters<typeof versionsOf>[0],
): Promise<Html> {
  try {
    const [clients, deprecated] = await Promise.all([
      readClientFigures(source, WINDOW_S),
      readDeprecatedUses(source, WINDOW_S),
    ]);
    const own = clients
      .filter((one) => one.interface === name && one.transport === transport)
      .sort((a, b) => b.count - a.count);
    const isDeprecated = (version: number): boolean =>
      versionsOf(definition).some((one) => one.version === version && one.deprecated !== undefined);
    const late = deprecated.filter((one) => one.interface === name);
    return card({
      title: 'Who uses it',
      note:
        late.length === 0
          ? 'In the last hour, by client or sender.'
          : `In the last hour. ${late.map(({ client }) => client).join(', ')} still use a deprecated version.`,
      body: table({
        caption: 'Uses by client and version',
        head: [
          'Client or sender',
          'Version',
          { title: 'Uses', kind: 'number' },
          { title: 'Errors', kind: 'number' },
        ],
        rows: own.map((one) => [
          one.client === ''
            ? html`<span class="soft">no valid token</span>`
            : html`<strong>${one.client}</strong>`,
          html`${one.version} ${isDeprecated(one.version) && badge('deprecated', 'warn')}`,
          countText(one.count),
          transport === 'http' ? shareText(one.errors / one.count) : '–',
        ]),
        empty: emptyState('Nobody in the last hour', 'Uses appear within seconds.'),
      }),
    });
  } catch (error) {
    if (!(error instanceof FiguresUnavailableError)) throw error;
    return card({ title: 'Who uses it', body: problem(error.message, 'Uses are missing until it does.') });
  }
}
