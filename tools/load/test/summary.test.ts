import { describe, expect, test } from '@jest/globals';
import type { PhaseResult } from '../src/generator.ts';
import { Tally } from '../src/phase-tally.ts';
import { MemoryWatch } from '../src/system/memory-watch.ts';
import { summarize, tableOf, type Counted } from '../src/summary.ts';

function counted(changes: Partial<Counted> = {}): Counted {
  return {
    cpuSeconds: { account: 1, postgres: 2, generator: 5 },
    machineCpuSeconds: 20,
    traffic: { records: { commands: 60, outcomes: 40 }, quarantined: 0, logBytes: { commands: 1_000 } },
    postgres: {
      commits: 10,
      walBytes: 500,
      databaseBytes: { account: 1_000 },
      outboxBytes: { account: 100 },
      connections: 4,
    },
    tables: { read: { 'account.entry': 5 }, inserted: { 'account.entry': 0 }, updated: {} },
    ...changes,
  };
}

/** 100 payments due in one second, each finished after `latencyMs`. */
function phase(latencyMs: number): PhaseResult {
  const tally = new Tally(0);
  for (let at = 0; at < 100; at += 1) tally.finished(latencyMs, at * 10);
  return {
    ratePerSecond: 100,
    seconds: 1,
    sent: 100,
    tally,
    lagAtEnd: 0,
    lagMax: 7,
    lagGrowthPerSecond: 0,
    lateBySigning: 0,
  };
}

/** 200, 240 and 260 MB, a second apart. */
const memory = new MemoryWatch();
[200, 240, 260].forEach((account, at) => memory.take(at * 1000, { account }));

function summaryOf(result: PhaseResult, after: Counted = counted()) {
  return summarize({
    flags: { mix: 'account', via: 'kafka', hot: 0, accounts: 20, replicas: 1, signatures: 'batch' },
    phase: result,
    limit: {
      transfersPerSecond: 1_000,
      preparedPerSecond: 1_300,
      by: 'pgbench',
      durable: true,
      serverVersion: '18',
    },
    before: counted(),
    after,
    memory,
    checks: { held: { holds: true }, broken: { holds: false, detail: 'one cent too much' } },
    versions: { node: 'v24' },
  });
}

describe('the summary of a run', () => {
  test('contains payments per second and the ratio to the limit', () => {
    const summary = summaryOf(phase(5));
    expect(summary).toMatchObject({ payments_per_second: 100, limit_per_second: 1_000, ratio_to_limit: 0.1 });
    expect(summary).toMatchObject({ finished: 100, failed: 0, lag_max: 7, rate_per_second: 100 });
  });

  test('includes the extra time of a system that finishes late', () => {
    const summary = summaryOf(phase(4_010));
    expect(summary.seconds).toBe(5);
    expect(summary.payments_per_second).toBe(20);
  });

  test('contains latency in milliseconds, to three digits', () => {
    const { p50_ms, p99_ms, max_ms } = summaryOf(phase(123));
    for (const value of [p50_ms, p99_ms, max_ms]) expect(Math.abs(value - 123)).toBeLessThan(0.2);
  });

  test('contains the difference of counters per payment, without the generator', () => {
    const summary = summaryOf(
      phase(5),
      counted({
        cpuSeconds: { account: 2, postgres: 2.5, generator: 9 },
        machineCpuSeconds: 30,
        traffic: {
          records: { commands: 260, outcomes: 240 },
          quarantined: 0,
          logBytes: { commands: 9_000, outcomes: 2_000 },
        },
        postgres: {
          commits: 60,
          walBytes: 10_500,
          databaseBytes: { account: 51_000 },
          outboxBytes: { account: 40_100 },
          connections: 33,
        },
        tables: {
          read: { 'account.entry': 5, 'payment.payment': 400 },
          inserted: { 'account.entry': 200, 'card.card': 1 },
          updated: { 'payment.payment': 100 },
        },
      }),
    );
    expect(summary.cpu_seconds_by_process).toEqual({ account: 1, postgres: 0.5, generator: 4 });
    expect(summary).toMatchObject({
      cpu_seconds_of_others: 4.5,
      cpu_ms_per_payment: 15,
      messages_per_payment: 4,
      bytes_per_payment: 100,
      commits_per_payment: 0.5,
      wal_bytes_per_payment: 100,
      rows_read_per_payment: { 'payment.payment': 4 },
      rows_added_per_payment: { 'account.entry': 2 },
      database_bytes_per_payment: { account: 500 },
      outbox_bytes_per_payment: { account: 400 },
      connections: 33,
    });
    expect(summary.work_per_payment).toEqual({
      cpu_ms: { account: 10, postgres: 5 },
      kafka_records: { commands: 2, outcomes: 2 },
      kafka_bytes: { commands: 80, outcomes: 20 },
      rows_inserted: { 'account.entry': 2 },
      rows_updated: { 'payment.payment': 1 },
      wal_bytes: 100,
    });
    expect(tableOf(summary)).toMatch(/bytes on Kafka +total +100\n/);
  });

  test('contains the last and highest memory, and its growth in the second half', () => {
    const summary = summaryOf(phase(5));
    expect(summary.memory_mb_by_service).toEqual({ account: 260 });
    expect(summary.memory_mb_max_by_service).toEqual({ account: 260 });
    expect(summary.memory_mb_growth_per_minute).toEqual({ account: 1_200 });
  });

  test('highlights a failed check, with its objections', () => {
    const summary = summaryOf(phase(5));
    expect(summary.checks).toEqual({ held: true, broken: false });
    expect(tableOf(summary)).toMatch(/DOES NOT HOLD +broken: one cent too much/);
  });

  test('can be written as JSON', () => {
    expect(JSON.parse(JSON.stringify(summaryOf(phase(5))))).toMatchObject({ payments_per_second: 100 });
  });
});
