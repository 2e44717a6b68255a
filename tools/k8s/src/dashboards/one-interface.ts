import { missRatioSeries } from '../objectives/miss-ratios.ts';
import type { Dashboard } from './panel.ts';
import { MESSAGES, NOT_REFUSED, quantileBy, rateBy, REQUESTS } from './series.ts';

const CHOSEN = 'tallystick_interface="$tallystick_interface"';
const QUANTILES = [0.5, 0.95, 0.99];

/** One operation or message: who uses it, how it fails, how long it takes, what is left of its budget. */
export const oneInterface: Dashboard = {
  uid: 'interface',
  title: 'one interface',
  variables: [{ name: 'tallystick_interface', label: 'Interface', metric: 'tallystick:objective:budget' }],
  panels: [
    {
      title: 'Requests a second, by version and client',
      type: 'timeseries',
      unit: 'reqps',
      queries: [
        {
          expr: rateBy('tallystick_version, tallystick_client', `${REQUESTS}_count{${CHOSEN}}`),
          legend: 'version {{tallystick_version}} {{tallystick_client}}',
        },
      ],
    },
    {
      title: 'Messages a second, by version and sender',
      type: 'timeseries',
      unit: 'mps',
      queries: [
        {
          expr: rateBy('tallystick_version, tallystick_client', `${MESSAGES}_count{${CHOSEN}}`),
          legend: 'version {{tallystick_version}} {{tallystick_client}}',
        },
      ],
    },
    {
      title: 'Errors of requests a second, by code',
      type: 'timeseries',
      unit: 'reqps',
      queries: [
        {
          expr: rateBy('error_type', `${REQUESTS}_count{${CHOSEN},error_type!=""}`),
          legend: '{{error_type}}',
        },
      ],
    },
    {
      title: 'Refused messages a second, by reason',
      type: 'timeseries',
      unit: 'mps',
      queries: [
        {
          expr: rateBy('tallystick_outcome', `tallystick_messages_total{${CHOSEN},${NOT_REFUSED}}`),
          legend: '{{tallystick_outcome}}',
        },
      ],
    },
    {
      title: 'Time of a request',
      type: 'timeseries',
      unit: 's',
      queries: QUANTILES.map((quantile) => ({
        expr: quantileBy(quantile, '', REQUESTS, CHOSEN),
        legend: `p${quantile * 100}`,
      })),
    },
    {
      title: 'Time of a message from fetch to commit',
      type: 'timeseries',
      unit: 's',
      queries: QUANTILES.map((quantile) => ({
        expr: quantileBy(quantile, '', MESSAGES, CHOSEN),
        legend: `p${quantile * 100}`,
      })),
    },
    {
      title: 'Misses over what its contract allows',
      description: 'At 1, the budget ends with its 30 days.',
      type: 'timeseries',
      unit: 'short',
      queries: (['1h', '6h', '3d'] as const).map((window) => ({
        expr: `${missRatioSeries(window)}{${CHOSEN}} / tallystick:objective:budget`,
        legend: `{{tallystick_transport}} {{tallystick_objective}} in ${window}`,
      })),
    },
    {
      title: 'Requests that wait for their response',
      type: 'timeseries',
      unit: 'short',
      width: 6,
      queries: [
        {
          expr: `sum by (service_name) (http_server_active_requests{${CHOSEN}})`,
          legend: '{{service_name}}',
        },
      ],
    },
    {
      title: 'Uses of deprecated versions a second',
      type: 'timeseries',
      unit: 'ops',
      width: 6,
      queries: [
        {
          expr: rateBy(
            'tallystick_version, tallystick_client',
            `tallystick_deprecated_uses_total{${CHOSEN}}`,
          ),
          legend: 'version {{tallystick_version}} {{tallystick_client}}',
        },
      ],
    },
  ],
};
