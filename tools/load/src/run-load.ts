import { Operators } from '@tallystick/demo';
import { readFile, writeFile } from 'node:fs/promises';
import { messages } from '@tallystick/contracts';
import { stopOnExit, type StackFile } from '@tallystick/stack';
import { floodAtMostDoubles } from './checks/flood-at-most-doubles.ts';
import { runChecks } from './checks/checks.ts';
import { rowsFoundByKey } from './checks/rows-found-by-key.ts';
import type { LoadFlags } from './command.ts';
import { Generator, topicNames, type PhaseResult } from './generator.ts';
import { Junk } from './orders/junk.ts';
import { latencySvg } from './latency-svg.ts';
import { PROFILE_S, profileServices } from './profile/profile-services.ts';
import type { Progress } from './progress.ts';
import { hasFollowed, nextRate, type Tried } from './search.ts';
import { openAccounts } from './setup/accounts.ts';
import { signPeopleIn } from './setup/people.ts';
import { summarize, type Counted, type Summary } from './summary.ts';
import { MemoryWatch } from './system/memory-watch.ts';
import { measurePostgresLimit, type PostgresLimit } from './system/postgres-limit.ts';
import { measurePostgres } from './system/postgres-work.ts';
import { commandLine, cpuSeconds, findParts, machineCpuSeconds, type Part } from './system/processes.ts';
import { measureTables } from './system/table-work.ts';
import type { Target } from './system/target.ts';
import { measureTraffic } from './system/traffic.ts';
import { rowsReadPerPayment } from './work.ts';

/**
 * Programs of Node and Java are slow until they are compiled, and rare calls are compiled late. A run for comparisons
 * therefore also warms up at its own rate. A run of a few seconds is no measurement, and warms up less.
 */
const WARM_UP = { ratePerSecondMax: 150, seconds: 8, secondsOfShortRun: 3 };
const LONG_WARM_UP = { ratePerSecondMax: 1_000, seconds: 20 };
const SHORT_RUN_S = 10;
const LONG_RUN_S = 30;
const STEP_S = 6;
/**
 * A running stack limits the requests per second of an address to a service. A payment over HTTP takes one request, or
 * two with its capture. A stack started by this tool has no such limit.
 */
const HTTP_RATE_MAX = 450;
const RATE_MAX = 50_000;

/** The flags with the length of the limit's measurement. */
export type MeasuredFlags = LoadFlags & { limitSeconds: number };

/** A whole run: the limit, accounts, warm-up, search, the measured stretch, the checks. */
export async function runLoad(target: Target, flags: MeasuredFlags, progress: Progress): Promise<Summary> {
  const { stack } = target;
  progress.say(`Measuring the transfers of this Postgres for ${flags.limitSeconds} s`);
  const limit = await measureLimit(target, flags);
  progress.say(
    `  ${limit.transfersPerSecond.toFixed(0)} transfers per second, one per transaction (${limit.by}); ` +
      `prepared: ${limit.preparedPerSecond?.toFixed(0) ?? 'not measured'}`,
  );

  progress.say(`Opening ${flags.accounts} accounts`);
  const people = await signPeopleIn(stack);
  const parties = await openAccounts(people, { accounts: flags.accounts, mix: flags.mix, say: progress.say });
  const generator = await Generator.start(stack, people, parties, flags);
  try {
    const parts = [...findParts(stack), ...target.replicas];
    const topics = { topics: topicNames(stack), prefix: stack.kafka.topicPrefix ?? '' };
    const count = async (): Promise<Omit<Counted, 'tables'>> => ({
      traffic: await measureTraffic(generator.kafka, topics, parts),
      postgres: await measurePostgres(stack),
      cpuSeconds: cpuSeconds(parts),
      machineCpuSeconds: machineCpuSeconds(),
    });
    const first = await count();
    progress.say('Warming up');
    for (const stretch of warmUpOf(flags)) await generator.run(stretch, progress.watch('warm-up'));
    const ratePerSecond = flags.rate ?? (await searchRate(generator, flags, progress));

    const quiet =
      flags.junk === undefined
        ? undefined
        : await generator.run({ ratePerSecond, seconds: flags.seconds }, progress.watch('before the junk'));

    progress.say(`Holding ${ratePerSecond} payments per second for ${flags.seconds} s`);
    await generator.prepare({ ratePerSecond, seconds: flags.seconds });
    const before = { tables: await measureTables(stack), ...(await count()) };
    const memory = new MemoryWatch();
    const endWatch = memory.follow(parts);
    const junk =
      flags.junk === undefined ? undefined : await Junk.start(generator.kafka, orderTopic(stack), flags.junk);
    const phase = await generator.run({ ratePerSecond, seconds: flags.seconds }, progress.watch('load'));
    endWatch();
    const after = { ...(await count()), tables: await measureTables(stack) };

    if (flags.profile) await profileUnderLoad(generator, parts, ratePerSecond, target.directory, progress);
    await junk?.stop();
    if (flags.svg !== undefined) {
      const title = `${ratePerSecond} payments per second, ${flags.mix}, over ${flags.via}: latency from due time to outcome`;
      await writeFile(flags.svg, latencySvg(phase.tally.seconds(), title));
    }

    progress.say('Checking the books');
    const checks = await runChecks({
      stack,
      operators: await Operators.signIn(stack),
      orders: generator.book.orders,
      quarantined: async () =>
        (await count()).traffic.quarantined - first.traffic.quarantined - (junk?.sent ?? 0),
    });
    if (quiet !== undefined)
      checks['flood_at_most_doubles_p99'] = floodAtMostDoubles(
        quiet.tally.percentiles().p99_ms,
        phase.tally.percentiles().p99_ms,
      );
    checks['rows_are_found_by_key'] = rowsFoundByKey(
      rowsReadPerPayment(before.tables, after.tables, phase.tally.finishedCount),
    );
    const versions = await versionsOf(limit.serverVersion, parts);
    return summarize({ flags, phase, limit, before, after, memory, checks, versions });
  } finally {
    await generator.stop();
  }
}

function orderTopic(stack: StackFile): string {
  return (stack.kafka.topicPrefix ?? '') + messages.paymentCreate.topic;
}

function warmUpOf(flags: LoadFlags): { ratePerSecond: number; seconds: number }[] {
  const { rate = Infinity, seconds } = flags;
  const first = {
    ratePerSecond: Math.min(rate, WARM_UP.ratePerSecondMax),
    seconds: seconds < SHORT_RUN_S ? WARM_UP.secondsOfShortRun : WARM_UP.seconds,
  };
  if (seconds < LONG_RUN_S) return [first];
  const ratePerSecond = Math.min(rate, rateMaxOf(flags) / 2, LONG_WARM_UP.ratePerSecondMax);
  return [first, { ratePerSecond, seconds: LONG_WARM_UP.seconds }];
}

async function measureLimit(target: Target, { limitSeconds }: MeasuredFlags): Promise<PostgresLimit> {
  const scratch = await target.scratch();
  const unregister = stopOnExit(() => scratch.drop());
  try {
    return await measurePostgresLimit(scratch.url, limitSeconds);
  } finally {
    await scratch.drop();
    unregister();
  }
}

async function profileUnderLoad(
  generator: Generator,
  parts: readonly Part[],
  ratePerSecond: number,
  directory: string,
  progress: Progress,
): Promise<void> {
  progress.say(`Profiling at ${ratePerSecond} payments per second`);
  // The services that move money, one after another, with time to open and close an inspector.
  const seconds = 3 * (2 * PROFILE_S + 2);
  await Promise.all([
    generator.run({ ratePerSecond, seconds }, progress.watch('profile')),
    profileServices(parts, directory, progress.say),
  ]);
}

function rateMaxOf({ via, mix, stack }: LoadFlags): number {
  const isOverHttp = via === 'http' || mix === 'card';
  return isOverHttp && stack !== undefined ? HTTP_RATE_MAX / (mix === 'two-phase' ? 2 : 1) : RATE_MAX;
}

async function searchRate(generator: Generator, flags: LoadFlags, progress: Progress): Promise<number> {
  const rateMax = rateMaxOf(flags);
  const tried: Tried[] = [];
  for (;;) {
    const step = nextRate(tried, rateMax);
    if ('best' in step) return Math.max(1, Math.round(step.best * 0.9));
    const result = await generator.run(
      { ratePerSecond: step.next, seconds: STEP_S },
      progress.watch(`search ${step.next}/s`),
    );
    const followed = hasFollowed({ ...result, failed: result.tally.failedCount });
    tried.push({ rate: step.next, followed });
    progress.say(
      `  ${step.next} per second: ${followed ? 'sustained' : 'not sustained'}, ${describe(result)}`,
    );
  }
}

function describe({ lagAtEnd, lagGrowthPerSecond, tally }: PhaseResult): string {
  return `lag ${lagAtEnd} at the end, growing by ${lagGrowthPerSecond.toFixed(0)} per second, p99 ${tally.percentiles().p99_ms.toFixed(0)} ms`;
}

async function versionsOf(postgres: string, parts: readonly Part[]): Promise<Record<string, string>> {
  const own = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const kafkaPid = parts.find(({ name }) => name === 'kafka')?.pid ?? null;
  const command = kafkaPid === null ? '' : commandLine(kafkaPid).join(' ');
  const kafka = /kafka[-_a-z0-9.]*-(\d+\.\d+\.\d+)/.exec(command)?.[1];
  return {
    tallystick: own.version,
    node: process.version,
    postgres,
    ...(kafka === undefined ? {} : { kafka }),
  };
}
