import { missRatioSeries } from '../objectives/miss-ratios.ts';
import type { Dashboard } from './panel.ts';
import { MESSAGES, NOT_REFUSED, quantileBy, rateBy, REQUESTS } from './series.ts';

const OURS = 'tallystick_interface!=""';

/** Says in ten seconds whether all is well, and where to look if not. */
export const overview: Dashboard = {
  uid: 'overview',
  title: 'overview',
  panels: [
    {
      title: 'Processes of each service',
      type: 'stat',
      unit: 'short',
      width: 8,
      queries: [
        { expr: 'count by (service_name) (tallystick_snapshot_age_seconds)', legend: '{{service_name}}' },
      ],
    },
    {
      title: 'Books differ by, minor units',
      type: 'stat',
      unit: 'short',
      width: 4,
      thresholds: { red: 1 },
      queries: [{ expr: 'max(abs(tallystick_ledger_imbalance))', legend: '' }],
    },
    {
      title: 'Records not handled yet',
      type: 'stat',
      unit: 'short',
      width: 4,
      thresholds: { yellow: 1_000, red: 10_000 },
      queries: [{ expr: 'sum(tallystick_consumer_lag)', legend: '' }],
    },
    {
      title: 'Oldest unpublished message',
      type: 'stat',
      unit: 's',
      width: 4,
      thresholds: { yellow: 10, red: 60 },
      queries: [{ expr: 'max(tallystick_outbox_age_seconds)', legend: '' }],
    },
    {
      title: 'Age of the snapshot of keys',
      type: 'stat',
      unit: 's',
      width: 4,
      thresholds: { yellow: 600, red: 1_800 },
      queries: [{ expr: 'max(tallystick_snapshot_age_seconds)', legend: '' }],
    },
    {
      title: 'Interfaces that use up their budget',
      description:
        'Misses of the last hour over what the contract allows. At 1, the budget ends with its 30 days; at 14.4 an alert wakes somebody up.',
      type: 'table',
      unit: 'short',
      thresholds: { yellow: 1, red: 14.4 },
      queries: [
        { expr: `sort_desc(${missRatioSeries('1h')} / tallystick:objective:budget > 0)`, legend: '' },
      ],
    },
    {
      title: 'Refused messages a second, by reason',
      type: 'timeseries',
      unit: 'mps',
      queries: [
        {
          expr: rateBy('service_name, tallystick_outcome', `tallystick_messages_total{${NOT_REFUSED}}`),
          legend: '{{service_name}} {{tallystick_outcome}}',
        },
      ],
    },
    {
      title: 'Requests a second, by service',
      type: 'timeseries',
      unit: 'reqps',
      queries: [{ expr: rateBy('service_name', `${REQUESTS}_count{${OURS}}`), legend: '{{service_name}}' }],
    },
    {
      title: 'Messages a second, by service',
      type: 'timeseries',
      unit: 'mps',
      queries: [{ expr: rateBy('service_name', 'tallystick_messages_total'), legend: '{{service_name}}' }],
    },
    {
      title: 'Requests that failed, share',
      type: 'timeseries',
      unit: 'percentunit',
      queries: [
        {
          expr: `${rateBy('service_name', `${REQUESTS}_count{${OURS},http_response_status_code=~"5.."}`)} / ${rateBy('service_name', `${REQUESTS}_count{${OURS}}`)}`,
          legend: '{{service_name}}',
        },
      ],
    },
    {
      title: 'Slowest interfaces, 95th percentile',
      type: 'timeseries',
      unit: 's',
      queries: [
        {
          expr: `topk(5, ${quantileBy(0.95, 'tallystick_interface', REQUESTS, OURS)})`,
          legend: '{{tallystick_interface}} over HTTP',
        },
        {
          expr: `topk(5, ${quantileBy(0.95, 'tallystick_interface', MESSAGES, OURS)})`,
          legend: '{{tallystick_interface}} over Kafka',
        },
      ],
    },
  ],
};
