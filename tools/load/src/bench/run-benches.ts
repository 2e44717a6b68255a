import { resolve } from 'node:path';
import {
  claimDirectory,
  isEnding,
  printJson,
  program,
  say,
  stopOnExit,
  type BackingServices,
  type ExitStatus,
} from '@tallystick/stack';
import type { BenchFlags } from '../command.ts';
import { startBacking } from '../system/backing.ts';
import { machine } from '../system/machine.ts';
import { consumerBench } from './consumer-bench.ts';
import { decideBench } from './decide-bench.ts';
import type { Addresses } from './infrastructure.ts';
import { flatnessBench, ledgerBatchBench } from './ledger-batch-bench.ts';
import { ledgerBench } from './ledger-bench.ts';
import { openBench } from './open-bench.ts';
import { outboxBench } from './outbox-bench.ts';
import { ratesOf, type Bench, type Rates, type Subject } from './rates.ts';
import { sealBench } from './seal-bench.ts';
import { startBench } from './start-bench.ts';
import { transactionBench } from './transaction-bench.ts';

/** What `--json` prints of one part. */
interface Result {
  bench: string;
  name: string;
  unit: string;
  measured: Rates;
  limit: ({ what: string } & Rates) | null;
  ratio_to_limit: number | null;
}

let directory = '';
let historyRows = 0;
let backing: Promise<{ services: BackingServices; release: () => void }> | undefined;
export const benches: readonly Bench[] = [
  sealBench,
  openBench,
  transactionBench(addresses),
  outboxBench(addresses),
  consumerBench(addresses),
  decideBench,
  ledgerBatchBench(addresses),
  flatnessBench(addresses, () => historyRows, say),
  ledgerBench(system),
  startBench(system),
];

/** Runs `tallystick bench`. */
export const bench = program(async (flags: BenchFlags): Promise<ExitStatus> => {
  directory = resolve(flags.directory);
  historyRows = flags.historyRows;
  const results: Result[] = [];
  try {
    for (const one of benches) {
      if (flags.only?.includes(one.name) === false) continue;
      say(`${one.name}: ${one.summary}`);
      await one.run(async (subjects) => {
        for (const subject of subjects) results.push(await measure(one.name, subject, flags.rounds));
      });
    }
  } finally {
    if (backing !== undefined && !isEnding()) {
      const { services, release } = await backing;
      await services.stop();
      release();
    }
  }
  if (flags.json === true) printJson({ results, machine: machine(), node: process.version });
  else for (const result of results) process.stdout.write(`${lineOf(result)}\n`);
  return 0;
});

/** Measures rounds of the part and of its limit in turn after a warm-up, so that a disturbance affects both. */
async function measure(
  bench: string,
  { name, unit, round, limit }: Subject,
  rounds: number,
): Promise<Result> {
  await round();
  await limit?.round();
  const measured: number[] = [];
  const limits: number[] = [];
  for (let at = 0; at < rounds; at += 1) {
    measured.push(await round());
    if (limit !== undefined) limits.push(await limit.round());
  }
  const rates = ratesOf(measured);
  const beside = limit === undefined ? null : { what: limit.what, ...ratesOf(limits) };
  const result: Result = {
    bench,
    name,
    unit,
    measured: rates,
    limit: beside,
    ratio_to_limit: beside === null ? null : Number((rates.median / beside.median).toFixed(3)),
  };
  say(`  ${lineOf(result)}`);
  return result;
}

function lineOf({ name, unit, measured, limit, ratio_to_limit: ratio }: Result): string {
  const shown = ({ median, low, high }: Rates): string =>
    `${median.toFixed(0)} (${low.toFixed(0)} to ${high.toFixed(0)})`;
  const beside =
    limit === null ? '' : `, ${((ratio ?? 0) * 100).toFixed(0)} % of ${limit.what}: ${shown(limit)}`;
  return `${name.padEnd(28)} ${shown(measured)} ${unit}${beside}`;
}

/** Kafka and Postgres, started for the first bench that needs them. */
async function addresses(): Promise<Addresses> {
  backing ??= start();
  const { services } = await backing;
  return { brokers: services.kafka.brokers, postgresUrl: services.postgres.url };
}

/** The same, for benches that start the services on them. */
async function system(): Promise<{ backing: BackingServices; directory: string; say: typeof say }> {
  backing ??= start();
  return { backing: (await backing).services, directory, say };
}

async function start(): Promise<{ services: BackingServices; release: () => void }> {
  const release = claimDirectory(directory);
  stopOnExit(async () => release());
  try {
    return { services: await startBacking(directory, say), release };
  } catch (fault) {
    release();
    throw fault;
  }
}
