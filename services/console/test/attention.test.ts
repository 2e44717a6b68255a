import { describe, expect, test } from '@jest/globals';
import { html } from '@tallystick/pages';
import type { InterfaceFigures } from '../src/figures/interface-figures.ts';
import type { SystemFigures } from '../src/figures/system-figures.ts';
import { attentionTo, isQueueSlow } from '../src/http/pages/overview/attention.ts';

const system = { services: [], imbalances: [], refused: [] } as unknown as SystemFigures;
const withBudget = (name: string, budgetLeft: number | undefined): InterfaceFigures =>
  ({ name, transport: 'kafka', budgetLeft }) as InterfaceFigures;

const attention = (changes: Partial<Parameters<typeof attentionTo>[0]>): string[] =>
  attentionTo({ interfaces: [], system, waiting: 0, isKafkaAway: false, ...changes }, Date.now()).map(
    ({ tone, word, text }) =>
      `${tone} ${word}: ${html`${text}`.markup.replaceAll(/<[^>]+>/g, '').replaceAll(/\s+/g, ' ')}`,
  );

describe('what needs attention', () => {
  test('is nothing while all is well', () => {
    expect(attention({ interfaces: [withBudget('a', 0.9), withBudget('b', undefined)] })).toEqual([]);
  });

  test('has the part that is away first, and one line for all objectives that an outage misses', () => {
    const interfaces = ['a', 'b', 'c', 'd', 'e'].map((name, at) => withBudget(name, -1 - at));
    expect(attention({ interfaces, isKafkaAway: true, waiting: undefined })).toEqual([
      expect.stringMatching(/^bad Kafka: Kafka does not answer the console/),
      expect.stringMatching(/^bad Postgres: Postgres does not answer the console/),
      'bad objectives: e, d, c and 2 more miss their objectives over the last hour',
    ]);
  });

  test('tells one interface from many, and a miss from a budget that is nearly used', () => {
    expect(attention({ interfaces: [withBudget('a', -0.5), withBudget('b', 0.1)], waiting: 1 })).toEqual([
      'bad objectives: a misses its objective over the last hour',
      'warn objectives: b has used most of its budget over the last hour',
      'warn quarantine: 1 record waits for a decision',
    ]);
  });
});

test.each([
  [{}, false],
  [{ lag: 1_000, outboxAgeS: 10 }, false],
  [{ lag: 1_001 }, true],
  [{ outboxAgeS: 10.5 }, true],
])('queues with %j are slow: %s', (queues, isSlow) => {
  expect(isQueueSlow(queues)).toBe(isSlow);
});
