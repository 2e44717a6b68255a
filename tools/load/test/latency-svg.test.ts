import { describe, expect, test } from '@jest/globals';
import { latencySvg } from '../src/latency-svg.ts';
import type { SecondOfLatency } from '../src/phase-tally.ts';

const second = (at: number, p50Ms: number, p99Ms: number, maxMs: number): SecondOfLatency => ({
  second: at,
  finished: 100,
  p50Ms,
  p99Ms,
  maxMs,
});

const pointsOf = (svg: string): { x: number; y: number }[][] =>
  [...svg.matchAll(/points="([^"]*)"/g)].map(([, points = '']) =>
    points.split(' ').map((pair) => {
      const [x, y] = pair.split(',').map(Number);
      return { x: x!, y: y! };
    }),
  );

describe('the chart of latency over time', () => {
  const svg = latencySvg([second(0, 10, 100, 1_000), second(1, 10, 100, 1_000)], 'a < b & c');

  test('uses the same height for each power of ten', () => {
    const [max, p99, p50] = pointsOf(svg);
    expect(p99![0]!.y - max![0]!.y).toBeCloseTo(p50![0]!.y - p99![0]!.y, 0);
    expect(max![0]!.y).toBeLessThan(p99![0]!.y);
  });

  test('draws time from left to right', () => {
    for (const [first, last] of pointsOf(svg)) expect(first!.x).toBeLessThan(last!.x);
  });

  test('names its axes and lines, and escapes text', () => {
    for (const text of ['10 ms', '1 s', 'p50', 'p99', 'max', 'a &lt; b &amp; c']) expect(svg).toContain(text);
    expect(svg).not.toContain('a < b');
  });

  test('draws a single second, and latencies below a millisecond', () => {
    expect(latencySvg([second(0, 0.02, 0.3, 0.4)], 't')).not.toMatch(/NaN|Infinity/);
  });

  test('limits the marks for many seconds', () => {
    const long = latencySvg(
      Array.from({ length: 3_600 }, (_, at) => second(at, 10, 20, 30)),
      't',
    );
    expect([...long.matchAll(/text-anchor="middle"/g)].length).toBeLessThan(16);
  });
});
