import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '@tallystick/messaging/testing';
import { readClientFigures, readDeprecatedUses } from '../src/figures/client-figures.ts';
import { FiguresUnavailableError, type FigureSource } from '../src/figures/figure-source.ts';
import { readInterfaceFigures } from '../src/figures/interface-figures.ts';
import { label, metric } from '../src/figures/metric-names.ts';
import { readSystemFigures } from '../src/figures/system-figures.ts';

/** The flags by which this process runs from sources. */
const FLAGS = process.execArgv.filter((flag) => /^--(conditions|disable-warning)=/.test(flag));
const PROGRAM = join(import.meta.dirname, 'measured-program.ts');
const WINDOW_S = 60;
const windows = { presentS: WINDOW_S, budgetS: WINDOW_S, points: 6 };
/** How often each kind of request is made between two readings. */
const TIMES = 100;
/** A Prometheus extrapolates the growth of a counter beyond its first and last sample. */
const EXTRAPOLATED_MAX = 1.3;

/** A program that serves metrics as a service does. */
interface MeasuredProgram {
  port: number;
  /** Records so many of each kind of request. */
  record(times: number): Promise<void>;
  stop(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function startMeasured(serviceName: string): Promise<MeasuredProgram> {
  const port = await freePort();
  const child = spawn(process.execPath, [...FLAGS, '--import=@tallystick/telemetry/register', PROGRAM], {
    cwd: import.meta.dirname,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
      OTEL_SERVICE_NAME: serviceName,
    },
  });
  const lines = createInterface({ input: child.stdout });
  return {
    port,
    async record(times) {
      const recorded = once(lines, 'line');
      child.stdin.write(`${times}\n`);
      await recorded;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };
}

/** A source of figures in a test, which reads the program at a port. */
export interface OpenedSource {
  source: FigureSource;
  /** What a service has is known after it: the source read the metrics since the call. */
  read(): Promise<void>;
  stop(): Promise<void>;
  /** A source of the same kind whose origin does not answer; none if it has no origin. */
  away?: FigureSource;
}

/** The figures that each source must have of the same metrics. */
export function figureCases(open: (port: number) => Promise<OpenedSource>): void {
  let measured: MeasuredProgram;
  let opened: OpenedSource;
  let source: FigureSource;

  beforeAll(async () => {
    measured = await startMeasured('payment');
    await measured.record(1);
    opened = await open(measured.port);
    source = opened.source;
    await opened.read();
    await measured.record(TIMES);
    await opened.read();
  }, 60_000);
  afterAll(async () => {
    await opened.stop();
    await measured.stop();
  });

  const expectCount = (count: number, expected: number): void => {
    expect(count).toBeGreaterThan(expected * 0.99);
    expect(count).toBeLessThan(expected * EXTRAPOLATED_MAX);
  };

  test('an operation has its rate, the shares of failures and refusals, and the trend', async () => {
    const figures = await readInterfaceFigures(source, windows);
    const one = figures.find(({ name, transport }) => name === 'payment.create' && transport === 'http')!;
    expectCount(one.ratePerS * WINDOW_S, 10 * TIMES);
    expect(one.failedShare).toBeCloseTo(0.1, 1);
    expect(one.refusedShare).toBeCloseTo(0.1, 1);
    expect(one.trend).toHaveLength(windows.points);
    // The steps of a Prometheus overlap: what happens at the edge of two counts in both.
    const inTrend = one.trend.reduce((sum, count) => sum + count, 0);
    expect(inTrend).toBeGreaterThan(8 * TIMES);
    expect(inTrend).toBeLessThan(20 * TIMES);
    // One of ten requests fails, and one of a thousand may.
    expect(one.budgetLeft).toBeLessThan(-50);
  });

  test('durations come from the histogram', async () => {
    const figures = await readInterfaceFigures(source, windows);
    const one = figures.find(({ name, transport }) => name === 'payment.create' && transport === 'kafka')!;
    // Three of four take 20 ms, in the bucket from 10 to 25 ms; one takes 4 s, in that from 2.5 to 5 s.
    expect(one.p50S).toBeCloseTo(0.02, 3);
    expect(one.p95S).toBeCloseTo(4.5, 1);
    expect(one.p99S).toBeCloseTo(4.9, 1);
    expect(one.refusedShare).toBeCloseTo(0.25, 2);
    expect(one.failedShare).toBeCloseTo(0, 5);
  });

  test('an interface without traffic has no shares, durations nor budget', async () => {
    const figures = await readInterfaceFigures(source, windows);
    expect(figures.find(({ name }) => name === 'card.issue')).toMatchObject({
      ratePerS: 0,
      failedShare: undefined,
      p99S: undefined,
      budgetLeft: undefined,
    });
  });

  test('the use of an interface is told by client and version, and so is that of deprecated versions', async () => {
    const clients = await readClientFigures(source, WINDOW_S);
    const wallet = clients.find(({ client, transport }) => client === 'wallet' && transport === 'http')!;
    expect(wallet).toMatchObject({ interface: 'payment.create', version: 2 });
    expectCount(wallet.count, 8 * TIMES);
    expectCount(wallet.errors, TIMES);
    const acme = clients.find(({ client, transport }) => client === 'acme' && transport === 'kafka')!;
    expectCount(acme.count, 4 * TIMES);
    const [use] = await readDeprecatedUses(source, WINDOW_S);
    expect(use).toMatchObject({ interface: 'payment.create', version: 1, client: 'acme' });
    expectCount(use!.count, TIMES);
  });

  test('the state of a service, of the books and of the quarantine', async () => {
    const system = await readSystemFigures(source, WINDOW_S);
    expect(system.services.find(({ service }) => service === 'payment')).toEqual({
      service: 'payment',
      up: 1,
      known: 1,
      lag: 7,
      outboxAgeS: 1.5,
      keyRemainingS: 3_600,
      keyAgeS: 60,
      snapshotAgeS: 42,
    });
    expect(system.services.find(({ service }) => service === 'card')).toMatchObject({
      up: 0,
      lag: undefined,
    });
    expect(system.imbalances).toEqual([{ of: 'holds', currency: 'SEK', amountMinor: 250 }]);
    expect(system.ledgerCheckedAtMs).toBe(1_800_000_000_000);
    expect(system.refused).toEqual([{ reason: 'envelope.key_unknown', count: expect.any(Number) }]);
    expectCount(system.refused[0]!.count, TIMES);
  });

  test('a condition chooses series, and excludes them', async () => {
    const where = { label: label.status, matches: '5..' };
    const failed = await source.increases({ metric: metric.requests, by: [label.status], where }, WINDOW_S);
    expect(failed.map(({ labels }) => labels)).toEqual([{ [label.status]: '500' }]);
    const excluded = { ...where, isExcluded: true };
    const others = await source.increases(
      { metric: metric.requests, by: [label.status], where: excluded },
      WINDOW_S,
    );
    expect(new Set(others.map(({ labels }) => labels[label.status]))).toEqual(new Set(['202', '409']));
  });

  test('a source that does not answer says so', async () => {
    if (opened.away === undefined) expect((await source.targets()).every(({ isUp }) => isUp)).toBe(true);
    else await expect(opened.away.targets()).rejects.toThrow(FiguresUnavailableError);
  });

  test('a process that ended is down, and its gauges are no longer told', async () => {
    await measured.stop();
    await eventually(async () => {
      try {
        return (await source.targets()).every(({ isUp }) => !isUp);
      } catch (error) {
        // On a busy machine Prometheus may answer too late.
        if (error instanceof FiguresUnavailableError) return false;
        throw error;
      }
    });
    expect(await source.latest(metric.outboxAge)).toEqual([]);
  });
}
