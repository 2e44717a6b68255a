import { describe, expect, test } from '@jest/globals';
import { createLogger } from '@tallystick/telemetry';
import { samplesIn } from '../src/figures/exposition.ts';
import { KeptSeries } from '../src/figures/kept-series.ts';
import { quantile } from '../src/figures/quantile.ts';
import { ScrapedSource } from '../src/figures/scraped-source.ts';
import { figureCases } from './figure-cases.ts';

const logger = createLogger({ service: 'test', level: 'silent', confidentialFields: [] });

describe('figures that the console reads itself', () => {
  figureCases(async (port) => {
    const source = new ScrapedSource({
      addresses: [`http://127.0.0.1:${port}/metrics`],
      logger,
      intervalMs: 100,
    });
    await source.start();
    return { source, read: () => source.read(), stop: () => source.stop() };
  });
});

describe('the points of a counter', () => {
  const counter = (isNew = false): KeptSeries => new KeptSeries('m', {}, 10, { isNew });

  test('count from the first one, or from zero if the process was read before without it', () => {
    for (const [isNew, growth] of [
      [false, 5],
      [true, 15],
    ] as const) {
      const series = counter(isNew);
      series.add(1_000, 10);
      series.add(2_000, 15);
      expect(series.growth(0, 2_000)).toBe(growth);
    }
  });

  test('count on when the process started again', () => {
    const series = counter();
    for (const [atMs, value] of [
      [1_000, 10],
      [2_000, 14],
      [3_000, 2],
      [4_000, 3],
    ] as const)
      series.add(atMs, value);
    expect(series.growth(1_000, 4_000)).toBe(7);
  });

  test('are dropped after an hour and thinned after minutes, and the growth of the hour stays', () => {
    const series = counter();
    let value = 10;
    const endMs = 2 * 3_600_000;
    for (let atMs = 0; atMs <= endMs; atMs += 5_000) series.add(atMs, (value += 1));
    series.thin(endMs);
    expect(series.points).toBeLessThan(200);
    expect(series.growth(endMs - 3_600_000, endMs)).toBeGreaterThan(712);
    expect(series.growth(endMs - 3_600_000, endMs)).toBeLessThan(728);
    expect(series.growth(endMs - 60_000, endMs)).toBe(12);
  });
});

describe('the text of metrics', () => {
  test('is read with its escapes; a line that is none is left out', () => {
    const text = [
      '# TYPE m counter',
      'm{a="x\\"y\\\\z\\n",b=""} 3 1700000000000',
      'm 4',
      'm{a="x} 5',
      'm{a="x"} many',
      'other 6',
      'm{le="+Inf"} +Inf',
    ].join('\n');
    expect([...samplesIn(text, (name) => name === 'm')]).toEqual([
      { metric: 'm', labels: { a: 'x"y\\z\n', b: '' }, value: 3 },
      { metric: 'm', labels: {}, value: 4 },
      { metric: 'm', labels: { le: '+Inf' }, value: Infinity },
    ]);
  });
});

describe('a quantile', () => {
  test.each([
    [
      'lies in its bucket',
      [
        [0.1, 50],
        [0.5, 100],
        [Infinity, 100],
      ],
      0.75,
      0.3,
    ],
    [
      'is the highest boundary if it lies above',
      [
        [0.1, 50],
        [Infinity, 100],
      ],
      0.9,
      0.1,
    ],
    [
      'is unknown without values',
      [
        [0.1, 0],
        [Infinity, 0],
      ],
      0.9,
      undefined,
    ],
  ] as const)('%s', (_case, buckets, q, expected) => {
    const found = quantile(new Map<number, number>(buckets), q);
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toBeCloseTo(expected, 6);
  });
});

test('series beyond the limit are left out', async () => {
  const source = new ScrapedSource({
    addresses: [
      `data:text/plain,${encodeURIComponent('tallystick_consumer_lag{messaging_destination_name="a"} 1\ntallystick_consumer_lag{messaging_destination_name="b"} 2\n')}`,
    ],
    logger,
    seriesMax: 1,
  });
  await source.read();
  expect(await source.latest('tallystick_consumer_lag')).toHaveLength(1);
});
