import { messages } from '@tallystick/contracts';
import type { Dashboard } from './panel.ts';
import { MESSAGES, quantileBy, rateBy } from './series.ts';

const COMMANDS = `${MESSAGES}_count{messaging_destination_name="${messages.holdPlace.topic}"}`;

/** Whether the books balance, and what the ledger is asked to do. */
export const ledger: Dashboard = {
  uid: 'ledger',
  title: 'ledger',
  panels: [
    {
      title: 'Books differ by, minor units',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: 'max by (tallystick_of, tallystick_currency) (tallystick_ledger_imbalance)',
          legend: '{{tallystick_of}} {{tallystick_currency}}',
        },
      ],
    },
    {
      title: 'Time since the books were checked',
      type: 'stat',
      unit: 's',
      thresholds: { yellow: 120, red: 600 },
      queries: [{ expr: 'time() - max(tallystick_ledger_check_timestamp_seconds)', legend: '' }],
    },
    {
      title: 'Commands a second',
      type: 'timeseries',
      unit: 'mps',
      queries: [{ expr: rateBy('tallystick_interface', COMMANDS), legend: '{{tallystick_interface}}' }],
    },
    {
      title: 'Time of a command from fetch to commit, 99th percentile',
      type: 'timeseries',
      unit: 's',
      queries: [
        {
          expr: quantileBy(
            0.99,
            'tallystick_interface',
            MESSAGES,
            `messaging_destination_name="${messages.holdPlace.topic}"`,
          ),
          legend: '{{tallystick_interface}}',
        },
      ],
    },
  ],
};
