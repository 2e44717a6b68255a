import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fund } from '@tallystick/attack';
import { operations } from '@tallystick/contracts';
import { stepNames, type StepResult } from '../src/steps.ts';
import { startProbedSystem, type Ended, type ProbedSystem } from './probed-system.ts';

const START_TIMEOUT_MS = 120_000;
const LIMIT = ['--timeout', '3s', '--json'];

interface Report {
  isHealthy: boolean;
  steps: StepResult[];
}

let probed: ProbedSystem;
let accountId: string;
let first: Ended;

beforeAll(async () => {
  probed = await startProbedSystem();
  first = await probed.probe();
  accountId = /acc_[0-9a-f-]{36}/.exec(first.stderr)?.[0] ?? '';
  await fund(probed.world.operators, [accountId]);
}, START_TIMEOUT_MS);

afterAll(async () => {
  await probed.stop();
}, START_TIMEOUT_MS);

const reportIn = ({ stdout }: Ended): Report => JSON.parse(stdout) as Report;
const outcomesIn = (ended: Ended): Record<string, string> =>
  Object.fromEntries(reportIn(ended).steps.map(({ step, outcome }) => [step, outcome]));

describe('the probe of a healthy system', () => {
  test('says once to which of its accounts somebody transfers money, with status 2', () => {
    expect(first.status).toBe(2);
    expect(first.stderr).toMatch(
      /^The accounts of the client probe have no money: transfer at least .* acc_/,
    );
  });

  test('pays over HTTP and Kafka and back, each step with its time, and ends with status 0', async () => {
    const ended = await probed.probe(['--json']);
    expect([ended.status, ended.stderr]).toEqual([0, '']);
    const { isHealthy, steps } = reportIn(ended);
    expect(isHealthy).toBe(true);
    expect(steps.map(({ step }) => step)).toEqual(stepNames);
    for (const { outcome, durationMs } of steps) expect([outcome, durationMs > 0]).toEqual(['held', true]);
  });

  test('shows a line for each step', async () => {
    const { stdout } = await probed.probe();
    expect(stdout.split('\n')).toEqual([
      ...stepNames.map((step) => expect.stringMatching(new RegExp(`^✓ ${step} +\\d+ ms$`))),
      `${stepNames.length} steps held`,
      '',
    ]);
  });

  test('probes HTTP alone without a producer', async () => {
    const ended = await probed.probe(['--json'], {
      PROBE_PRODUCER_ID: undefined,
      PROBE_PRODUCER_KEY_FILE: undefined,
    });
    expect(ended.status).toBe(0);
    expect(Object.keys(outcomesIn(ended))).toEqual(stepNames.filter((step) => !step.startsWith('kafka.')));
  });

  test('shows in no list of a customer', async () => {
    const { victim, thief } = probed.world;
    for (const { client } of [victim, thief]) {
      const { payments } = (await client.call(operations.listPayments)).body;
      const { accounts } = (await client.call(operations.accountList)).body;
      const { mandates } = (await client.call(operations.mandateList)).body;
      const entries = await Promise.all(
        accounts.map(
          async (account) =>
            (await client.call(operations.entryList, { params: { accountId: account.accountId } })).body,
        ),
      );
      const shown = JSON.stringify({ payments, accounts, mandates, entries }, (_name, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value,
      );
      expect(shown).toContain('acc_');
      expect(shown).not.toContain(accountId);
      expect(shown).not.toContain('PROBE-');
    }
  });

  test('writes its results as Prometheus text', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tallystick-metrics-'));
    const metricsFile = join(folder, 'probe.prom');
    try {
      await probed.probe(['--metrics-file', metricsFile]);
      const text = readFileSync(metricsFile, 'utf8');
      expect(text).toContain('\ntallystick_probe_healthy 1\n');
      for (const step of stepNames)
        expect(text).toMatch(new RegExp(`tallystick_probe_duration_seconds\\{step="${step}"\\} [\\d.]+`));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('sends its times as metrics', async () => {
    const received: string[] = [];
    const collector = createServer((request, response) => {
      void request.toArray().then((parts) => {
        received.push(`${request.url} ${Buffer.concat(parts as Buffer[]).toString('latin1')}`);
        response.setHeader('Content-Type', 'application/json').end('{}');
      });
    }).listen(0, '127.0.0.1');
    await once(collector, 'listening');
    const { port } = collector.address() as AddressInfo;
    await probed.probe([], {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_METRICS_EXPORTER: 'otlp',
    });
    collector.close();
    const metrics = received.filter((one) => one.startsWith('/v1/metrics ')).join('\n');
    expect(metrics).toContain('tallystick.probe.duration');
    expect(metrics).toContain('kafka.order');
  });
});

describe('the probe of a system in which a service does not answer', () => {
  test('fails at the first step that needs the account service, with status 1', async () => {
    await probed.system.processes.account.stop();
    const ended = await probed.probe(LIMIT);
    await probed.system.processes.account.restart();
    expect(ended.status).toBe(1);
    expect(outcomesIn(ended)).toMatchObject({ token: 'held', accounts: 'failed', 'http.payment': 'skipped' });
    expect(reportIn(ended).isHealthy).toBe(false);
  });

  test(
    'fails at the payment over HTTP and at the order on Kafka if payment does not, with status 1',
    async () => {
      await probed.system.processes.payment.stop();
      const ended = await probed.probe(LIMIT);
      await probed.system.processes.payment.restart();
      expect(ended.status).toBe(1);
      expect(outcomesIn(ended)).toEqual({
        token: 'held',
        accounts: 'held',
        'http.payment': 'failed',
        'http.payment.read': 'skipped',
        'http.return': 'skipped',
        'kafka.connect': 'held',
        'kafka.order': 'failed',
        'kafka.return': 'skipped',
      });
    },
    START_TIMEOUT_MS,
  );

  test('is healthy again once it answers, with the same accounts and the same money', async () => {
    const ended = await probed.probe(['--json']);
    expect([ended.status, ended.stderr]).toEqual([0, '']);
  });
});

describe('wrong settings', () => {
  test.each<[string, string[], Record<string, string | undefined>, RegExp]>([
    ['a missing key', [], { PROBE_CLIENT_KEY_FILE: undefined }, /PROBE_CLIENT_KEY_FILE: is not set/],
    ['a key that is nowhere', [], { PROBE_CLIENT_KEY_FILE: '/nowhere' }, /cannot be read \(ENOENT\)/],
    ['a producer without a key', [], { PROBE_PRODUCER_KEY_FILE: undefined }, /PROBE_PRODUCER_KEY_FILE: is/],
    ['an address that is none', [], { PAYMENT_PUBLIC_URL: 'payment' }, /must be a URL like https:/],
    ['a time that is none', ['--timeout', 'soon'], {}, /--timeout: must be a duration such as 10s/],
    ['an unknown option', ['--quick'], {}, /--help names the options/],
    ['a folder that is nowhere', ['--metrics-file', '/nowhere/probe.prom'], {}, /name a file in a folder/],
  ])('end with status 2 and say what to do: %s', async (_name, args, changes, message) => {
    const { status, stderr } = await probed.probe(args, changes);
    expect([status, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});
