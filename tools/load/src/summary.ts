import type { CheckResult } from './checks/check.ts';
import type { LoadFlags } from './command.ts';
import type { PhaseResult } from './generator.ts';
import type { Percentiles } from './phase-tally.ts';
import { machine, type Machine } from './system/machine.ts';
import type { MemoryWatch } from './system/memory-watch.ts';
import type { PostgresLimit } from './system/postgres-limit.ts';
import type { PostgresWork } from './system/postgres-work.ts';
import type { TableWork } from './system/table-work.ts';
import type { Traffic } from './system/traffic.ts';
import { eachPerPayment, rowsReadPerPayment, total, workOf, workTable, type Work } from './work.ts';

/** Counters before and after the measured phase. */
export interface Counted {
  cpuSeconds: Record<string, number>;
  /** Of the whole machine. */
  machineCpuSeconds: number;
  traffic: Traffic;
  postgres: PostgresWork;
  tables: TableWork;
}

/** The output of `--json`. Names contain the units. */
export interface Summary extends Percentiles {
  payments_per_second: number;
  limit_per_second: number;
  ratio_to_limit: number;
  limit_measured_by: PostgresLimit['by'];
  /** The same with prepared statements. */
  limit_prepared_per_second: number | null;
  rate_per_second: number;
  seconds: number;
  mix: LoadFlags['mix'];
  via: LoadFlags['via'];
  hot: number;
  accounts: number;
  sent: number;
  finished: number;
  failed: number;
  failures_by_code: Record<string, number>;
  lag_max: number;
  late_by_signing: number;
  cpu_ms_per_payment: number;
  cpu_seconds_by_process: Record<string, number>;
  /** Of all other programs on the machine: a large value means that the result is unreliable. */
  cpu_seconds_of_others: number;
  signatures: LoadFlags['signatures'];
  replicas: number;
  /** At the end. */
  memory_mb_by_service: Record<string, number>;
  /** Maximum, and growth in the second half of the phase. */
  memory_mb_max_by_service: Record<string, number>;
  memory_mb_growth_per_minute: Record<string, number>;
  messages_per_payment: number;
  bytes_per_payment: number | null;
  commits_per_payment: number;
  wal_bytes_per_payment: number;
  rows_read_per_payment: Record<string, number>;
  rows_added_per_payment: Record<string, number>;
  /** Growth of each database, and of its outbox, whose rows are removed after a while. */
  database_bytes_per_payment: Record<string, number>;
  outbox_bytes_per_payment: Record<string, number>;
  work_per_payment: Work;
  /** From the services to Postgres, at the end. */
  connections: number;
  checks: Record<string, boolean>;
  check_details: Record<string, string>;
  machine: Machine;
  versions: Record<string, string>;
}

/** Summarizes a run. */
export function summarize(run: {
  flags: Pick<LoadFlags, 'mix' | 'via' | 'hot' | 'accounts' | 'replicas' | 'signatures'>;
  phase: PhaseResult;
  limit: PostgresLimit;
  before: Counted;
  after: Counted;
  memory: MemoryWatch;
  checks: Record<string, CheckResult>;
  versions: Record<string, string>;
}): Summary {
  const { flags, phase, limit, before, after, memory, checks } = run;
  const { tally } = phase;
  const finished = tally.finishedCount;
  // A system with a lag at the end of the schedule continued to work: that time counts.
  const workedS = Math.max(phase.seconds, tally.elapsedMs() / 1000);
  const paymentsPerSecond = finished / workedS;
  const perPayment = (amount: number): number => (finished === 0 ? 0 : amount / finished);
  const cpu = Object.fromEntries(
    Object.entries(after.cpuSeconds).map(([name, s]) => [
      name,
      rounded(s - (before.cpuSeconds[name] ?? 0), 2),
    ]),
  );
  const ofSystem = Object.entries(cpu).filter(([name]) => name !== 'generator');
  const whole = { finished, places: 0, least: 1 };
  const work = workOf(before, after, finished);
  const percentiles = Object.fromEntries(
    Object.entries(tally.percentiles()).map(([name, ms]) => [name, rounded(ms, 1)]),
  ) as unknown as Percentiles;
  return {
    payments_per_second: rounded(paymentsPerSecond, 1),
    limit_per_second: rounded(limit.transfersPerSecond, 1),
    ratio_to_limit: rounded(paymentsPerSecond / limit.transfersPerSecond, 3),
    limit_measured_by: limit.by,
    limit_prepared_per_second: limit.preparedPerSecond === null ? null : rounded(limit.preparedPerSecond, 1),
    rate_per_second: phase.ratePerSecond,
    seconds: rounded(workedS, 1),
    ...percentiles,
    mix: flags.mix,
    via: flags.via,
    hot: flags.hot,
    accounts: flags.accounts,
    sent: phase.sent,
    finished,
    failed: tally.failedCount,
    failures_by_code: tally.failures,
    lag_max: phase.lagMax,
    late_by_signing: phase.lateBySigning,
    cpu_ms_per_payment: rounded(perPayment(1000 * sum(ofSystem.map(([, s]) => s))), 2),
    cpu_seconds_by_process: cpu,
    cpu_seconds_of_others: rounded(
      Math.max(0, after.machineCpuSeconds - before.machineCpuSeconds - sum(Object.values(cpu))),
      2,
    ),
    signatures: flags.signatures,
    replicas: flags.replicas,
    memory_mb_by_service: memory.atEnd(),
    memory_mb_max_by_service: memory.most(),
    memory_mb_growth_per_minute: memory.growthPerMinute(),
    messages_per_payment: total(work.kafka_records),
    bytes_per_payment: work.kafka_bytes === null ? null : total(work.kafka_bytes),
    commits_per_payment: rounded(perPayment(after.postgres.commits - before.postgres.commits), 3),
    wal_bytes_per_payment: work.wal_bytes,
    rows_read_per_payment: rowsReadPerPayment(before.tables, after.tables, finished),
    rows_added_per_payment: work.rows_inserted,
    database_bytes_per_payment: eachPerPayment(
      after.postgres.databaseBytes,
      before.postgres.databaseBytes,
      whole,
    ),
    outbox_bytes_per_payment: eachPerPayment(after.postgres.outboxBytes, before.postgres.outboxBytes, whole),
    work_per_payment: work,
    connections: after.postgres.connections,
    checks: Object.fromEntries(Object.entries(checks).map(([name, { holds }]) => [name, holds])),
    check_details: Object.fromEntries(
      Object.entries(checks).flatMap(([name, { detail }]) => (detail === undefined ? [] : [[name, detail]])),
    ),
    machine: machine(),
    versions: run.versions,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function rounded(value: number, places: number): number {
  return Number(value.toFixed(places));
}

/** Formats the summary as a table for people. */
export function tableOf(summary: Summary): string {
  const { checks, check_details: details, work_per_payment: work, machine: on, versions, ...rest } = summary;
  const rows = Object.entries(rest).map(([name, value]): [string, string] => [
    name,
    typeof value === 'object' && value !== null
      ? Object.entries(value)
          .map(([key, one]) => `${key} ${String(one)}`)
          .join(', ')
      : String(value),
  ]);
  rows.push(['machine', `${on.cpu}, ${on.cores} cores, ${on.memory_mb} MB, ${on.os}`]);
  rows.push([
    'versions',
    Object.entries(versions)
      .map((pair) => pair.join(' '))
      .join(', '),
  ]);
  for (const [name, holds] of Object.entries(checks))
    rows.push([
      holds ? 'holds' : 'DOES NOT HOLD',
      name + (details[name] === undefined ? '' : `: ${details[name]}`),
    ]);
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`);
  return [...lines, '\nWork per payment\n', workTable(work)].join('');
}
