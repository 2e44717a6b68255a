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

/** The same dashboards as the sidecar of Grafana's chart finds them, by their label. */
export function dashboardResources(): object[] {
  return Object.entries(dashboardFiles()).map(([name, text]) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: `dashboard-${name.replace('.json', '')}`,
      namespace: 'tallystick',
      labels: { 'app.kubernetes.io/part-of': 'tallystick', grafana_dashboard: '1' },
    },
    data: { [name]: text },
  }));
}
