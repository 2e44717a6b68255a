import type { Dashboard } from './panel.ts';
import { MESSAGES, quantileBy, rateBy } from './series.ts';

const TOPIC = 'messaging_destination_name';
const OF_SERVICE = `service_name, ${TOPIC}`;
const LEGEND = `{{service_name}} {{${TOPIC}}}`;

/** What the consumers and the outboxes do. */
export const kafka: Dashboard = {
  uid: 'kafka',
  title: 'Kafka',
  panels: [
    {
      title: 'Messages a second, by topic and outcome',
      type: 'timeseries',
      unit: 'mps',
      queries: [
        {
          expr: rateBy(`${TOPIC}, tallystick_outcome`, 'tallystick_messages_total'),
          legend: `{{${TOPIC}}} {{tallystick_outcome}}`,
        },
      ],
    },
    {
      title: 'Records not handled yet',
      type: 'timeseries',
      unit: 'short',
      queries: [{ expr: `sum by (${OF_SERVICE}) (tallystick_consumer_lag)`, legend: LEGEND }],
    },
    {
      title: 'Time of a message from fetch to commit, 99th percentile',
      type: 'timeseries',
      unit: 's',
      queries: [{ expr: quantileBy(0.99, OF_SERVICE, MESSAGES), legend: LEGEND }],
    },
    {
      title: 'Messages in a batch, mean',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `${rateBy(OF_SERVICE, 'tallystick_batch_size_sum')} / ${rateBy(OF_SERVICE, 'tallystick_batch_size_count')}`,
          legend: LEGEND,
        },
      ],
    },
    {
      title: 'Oldest message not known to be published',
      type: 'timeseries',
      unit: 's',
      queries: [
        { expr: 'max by (service_name) (tallystick_outbox_age_seconds)', legend: '{{service_name}}' },
      ],
    },
    {
      title: 'Messages that no release of their service declared, a second',
      description: 'Somebody else has the key of the service.',
      type: 'timeseries',
      unit: 'mps',
      queries: [
        {
          expr: rateBy('tallystick_client, tallystick_interface', 'tallystick_undeclared_messages_total'),
          legend: '{{tallystick_client}} {{tallystick_interface}}',
        },
      ],
    },
  ],
};
