import { coreServices } from '@tallystick/contracts';
import { html } from '@tallystick/pages';
import { operatorOrigins } from '../../services.ts';
import type { ConsoleParts } from '../../parts.ts';
import type { Page } from '../page.ts';
import { badge } from '../parts/badge.ts';
import { card } from '../parts/card.ts';
import { table } from '../parts/table.ts';

const ANSWER_WITHIN_MS = 2_000;

/** Shows whether each service is ready. */
export function overviewPage({ config, fetch: connect }: ConsoleParts): Page {
  const origins = operatorOrigins(config);
  return {
    path: '/',
    title: 'Overview',
    scope: 'ledger:read',
    nav: 0,
    async show({ signal }) {
      const services = await Promise.all(
        coreServices.map(async (name) => ({ name, isReady: await isReady(connect, origins[name], signal) })),
      );
      return {
        lead: 'Whether each service answers that it is ready.',
        main: card({
          title: 'Services',
          body: table({
            caption: 'Services and whether each is ready',
            head: ['Service', 'State'],
            rows: services.map(({ name, isReady: ready }) => [
              html`<strong>${name}</strong>`,
              ready ? badge('ready', 'good') : badge('not ready', 'bad'),
            ]),
          }),
        }),
      };
    },
  };
}

async function isReady(connect: typeof fetch, origin: string, signal: AbortSignal): Promise<boolean> {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
    return (await connect(`${origin}/health/ready`, { signal: limit })).ok;
  } catch {
    // Refused and late connections are what this page reports.
    return false;
  }
}
