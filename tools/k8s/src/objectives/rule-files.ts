import { burnAlerts } from './burn-alerts.ts';
import { missRatios } from './miss-ratios.ts';
import { objectiveSeries } from './objective-series.ts';
import type { RuleGroup } from './rule.ts';

/** The rules of all objectives, from contracts. */
export function objectiveRules(): RuleGroup[] {
  return [{ name: 'tallystick-contracts', rules: objectiveSeries() }, ...missRatios(), burnAlerts()];
}

/** The same rules as Prometheus' operator reads them. */
export function objectiveResource(): object {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: {
      name: 'tallystick-objectives',
      namespace: 'tallystick',
      labels: { 'app.kubernetes.io/part-of': 'tallystick' },
    },
    spec: { groups: objectiveRules() },
  };
}
