import { keys } from './keys.ts';
import { kafka } from './kafka.ts';
import { ledger } from './ledger.ts';
import { oneInterface } from './one-interface.ts';
import { overview } from './overview.ts';
import { dashboardOf, type Dashboard } from './panel.ts';

/** Every dashboard. */
export const dashboards: readonly Dashboard[] = [overview, oneInterface, kafka, ledger, keys];

/** The JSON of each dashboard that Grafana loads, by the name of its file. */
export function dashboardFiles(): Record<string, string> {
  return Object.fromEntries(
    dashboards.map((dashboard) => [
      `${dashboard.uid}.json`,
      `${JSON.stringify(dashboardOf(dashboard), null, 2)}\n`,
    ]),
  );
}
