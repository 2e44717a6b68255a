import type { Dashboard } from './panel.ts';
import { quantileBy, rateBy } from './series.ts';

/** Reasons of a refusal that concern keys and signatures. */
const BY_KEYS = 'tallystick_outcome=~"(envelope|evidence|token|dpop)\\\\..+"';

/** The ages of keys and of their snapshot, and the checks of signatures. */
export const keys: Dashboard = {
  uid: 'keys',
  title: 'keys',
  panels: [
    {
      title: 'Time until a certificate ends',
      type: 'timeseries',
      unit: 's',
      queries: [
        {
          expr: 'min by (service_name, tallystick_use) (tallystick_key_remaining_seconds)',
          legend: '{{service_name}} {{tallystick_use}}',
        },
      ],
    },
    {
      title: 'Time since a certificate was issued',
      type: 'timeseries',
      unit: 's',
      queries: [
        {
          expr: 'max by (service_name, tallystick_use) (tallystick_key_age_seconds)',
          legend: '{{service_name}} {{tallystick_use}}',
        },
      ],
    },
    {
      title: 'Age of the snapshot of keys',
      description: 'After its lifetime a process is not ready; after three it refuses commands.',
      type: 'timeseries',
      unit: 's',
      queries: [
        { expr: 'max by (service_name) (tallystick_snapshot_age_seconds)', legend: '{{service_name}}' },
      ],
    },
    {
      title: 'Time to check a signature',
      type: 'timeseries',
      unit: 's',
      queries: [0.5, 0.99].map((quantile) => ({
        expr: quantileBy(quantile, 'tallystick_of', 'tallystick_check_duration_seconds'),
        legend: `{{tallystick_of}} p${quantile * 100}`,
      })),
    },
    {
      title: 'Messages refused for their signature or evidence, a second',
      type: 'timeseries',
      unit: 'mps',
      width: 24,
      queries: [
        {
          expr: rateBy(
            'messaging_destination_name, tallystick_outcome',
            `tallystick_messages_total{${BY_KEYS}}`,
          ),
          legend: '{{messaging_destination_name}} {{tallystick_outcome}}',
        },
      ],
    },
  ],
};
