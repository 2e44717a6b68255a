import { OBJECTIVE_DAYS } from '@tallystick/contracts';
import { burnRates, windowsS, type BurnRate } from './burn-rates.ts';
import { missesSeries, missRatioSeries } from './miss-ratios.ts';
import type { AlertingRule, RuleGroup } from './rule.ts';

/**
 * Misses in the long window below which nobody is told. Of three requests in a quiet hour one is a third, yet its
 * client has repeated it long ago.
 */
const MISSES_MIN = 5;

/** One alert for each burn rate; its labels name the interface, its transport and the objective. */
export function burnAlerts(): RuleGroup {
  return { name: 'tallystick-objectives', rules: burnRates.map(burnAlert) };
}

function burnAlert({ factor, longWindow, shortWindow, severity }: BurnRate): AlertingRule {
  const burnsOver = (window: typeof longWindow): string =>
    `${missRatioSeries(window)} > ${factor} * tallystick:objective:budget`;
  const spent = (factor * windowsS[longWindow]) / (OBJECTIVE_DAYS * windowsS['1d']);
  return {
    alert: 'TallystickInterfaceBurnsItsBudget',
    expr: [
      burnsOver(longWindow),
      `and ${burnsOver(shortWindow)}`,
      `and ${windowsS[longWindow]} * ${missesSeries(longWindow)} >= ${MISSES_MIN}`,
    ].join('\n'),
    labels: { severity, window: longWindow },
    annotations: {
      summary: `{{ $labels.tallystick_interface }} over {{ $labels.tallystick_transport }} misses its objective of {{ $labels.tallystick_objective }}: {{ $value | humanizePercentage }} in ${longWindow}`,
      description: `More of it misses than ${factor} × what its contract allows. ${longWindow} at that rate use up ${Math.round(spent * 100)} % of the error budget of ${OBJECTIVE_DAYS} days.`,
      runbook: 'infra/runbooks/interface-burns-its-budget.md',
    },
  };
}
