import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { services } from '@tallystick/contracts';
import { PrerequisiteError, TALLYSTICK } from '@tallystick/stack';
import { startForwards, type Forwards } from './forward.ts';
import { startHttpProbe, type ProbeResult } from './http-probe.ts';
import { kubectl } from './kubectl.ts';
import { AUTHORITY_FILE } from '../secrets/make-secrets.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const OVERLAY = join(ROOT, 'infra', 'kubernetes', 'overlays', 'local');
const STACK_FILE = join(OVERLAY, '.tallystick', 'stack.json');
const AUTHORITY = join(OVERLAY, '.tallystick', AUTHORITY_FILE);
const IN_NAMESPACE = ['--namespace', 'tallystick'];
const READY_TIMEOUT_S = 300;
/** Time of payments before the first restart, and after the last. */
const LEAD_MS = 10_000;

export interface Rehearsal {
  held: boolean;
  /** The passed and failed statements, for a person. */
  lines: string[];
  payments: number;
  restarts: { service: string; seconds: number }[];
  http: ProbeResult;
}

/**
 * Applies the overlay "local", runs the demo on it, and restarts every service under load.
 * @param options duration and rate of the payments: seconds, and payments per second
 * @param say called with each step
 * @throws PrerequisiteError if the cluster is a permanent one, or if kubectl fails
 */
export async function rehearse(
  { seconds, rate }: { seconds: number; rate: number },
  say: (line: string) => void,
): Promise<Rehearsal> {
  await refuseLasting();
  if (!existsSync(STACK_FILE)) {
    say('Generating keys and passwords');
    await command(['k8s', 'secrets', '--for', 'kubernetes']);
  }
  say('Applying the overlay and waiting until it is ready');
  await kubectl(['apply', '--kustomize', OVERLAY]);
  await readyAgain();
  const forwards = await startForwards();
  try {
    say('Running the demo');
    const story = await command(['demo', '--exit', '--stack', STACK_FILE]);
    say(story.out.trimEnd());
    say(`${rate} payments per second for ${seconds} s, while every service restarts`);
    const holding = Promise.withResolvers<void>();
    const load = command(
      [
        'load',
        '--stack',
        STACK_FILE,
        ...`--json --accounts 100 --limit-seconds 1 --seconds ${seconds} --rate ${rate}`.split(' '),
      ],
      (line) => {
        if (line.startsWith('Holding ')) holding.resolve();
      },
    );
    await Promise.race([holding.promise, load]);
    const probed = await startHttpProbe(seconds, readFileSync(AUTHORITY, 'utf8'));
    const restarts = await restartAll(forwards, say);
    const isEarly = await Promise.race([load.then(() => true), delay(LEAD_MS, false)]);
    const [loaded, http] = await Promise.all([load, probed()]);
    return resultOf({ story, loaded, http, restarts, isEarly });
  } finally {
    await forwards.stop();
  }
}

/** Waits until each Deployment has as many new pods ready as it requests. */
async function readyAgain(names: readonly string[] = services): Promise<void> {
  for (const name of names)
    await kubectl([
      ...IN_NAMESPACE,
      'rollout',
      'status',
      `deployment/${name}`,
      `--timeout=${READY_TIMEOUT_S}s`,
    ]);
}

async function restartAll(forwards: Forwards, say: (line: string) => void): Promise<Rehearsal['restarts']> {
  await delay(LEAD_MS);
  const restarts: Rehearsal['restarts'] = [];
  for (const service of services) {
    const began = performance.now();
    await kubectl([...IN_NAMESPACE, 'rollout', 'restart', `deployment/${service}`]);
    await readyAgain([service]);
    await forwards.renew(service);
    const took = Math.round((performance.now() - began) / 100) / 10;
    say(`${service} restarted in ${took} s`);
    restarts.push({ service, seconds: took });
  }
  return restarts;
}

interface Ended {
  status: number | null;
  out: string;
}

function resultOf(parts: {
  story: Ended;
  loaded: Ended;
  http: ProbeResult;
  restarts: Rehearsal['restarts'];
  isEarly: boolean;
}): Rehearsal {
  const { story, loaded, http, restarts, isEarly } = parts;
  // there is no report if the run ended with an error
  const report = JSON.parse(loaded.out === '' ? '{}' : loaded.out) as {
    finished?: number;
    checks?: Record<string, boolean>;
    check_details?: Record<string, string>;
  };
  const statements: [string, boolean, string][] = [
    ['the demo', story.status === 0, story.status === 0 ? 'every step held' : 'a step failed'],
    ['payments arrived until after the last restart', !isEarly, isEarly ? 'use more --seconds' : ''],
    ['payments arrived and ended', (report.finished ?? 0) > 0, `${report.finished ?? 0} payments`],
    ...Object.entries(report.checks ?? {}).map(([name, held]): [string, boolean, string] => [
      name,
      held,
      report.check_details?.[name] ?? '',
    ]),
    ['the load', loaded.status === 0, `status ${loaded.status}`],
    [
      'every request over HTTP was answered',
      http.requests > 0 && http.failures.length === 0,
      `${http.requests} requests, ${http.failures.length} failures ${[...new Set(http.failures)].join(', ')}`,
    ],
  ];
  return {
    held: statements.every(([, held]) => held),
    lines: statements.map(([name, held, found]) => `${held ? '✓' : '✗'} ${name}  ${found}`.trimEnd()),
    payments: report.finished ?? 0,
    restarts,
    http,
  };
}

/**
 * Runs another command of this repository; prints its stderr and returns its stdout.
 * @param onLine called with each line of its stderr
 */
async function command(args: readonly string[], onLine: (line: string) => void = () => {}): Promise<Ended> {
  const child = spawn(TALLYSTICK, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  createInterface({ input: child.stderr }).on('line', (line) => {
    process.stderr.write(`${line}\n`);
    onLine(line);
  });
  const status = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  return { status, out };
}

/**
 * Refuses a permanent cluster, whose secrets come from a vault: the overlay "local" would replace brokers, databases
 * and keys there.
 */
async function refuseLasting(): Promise<void> {
  const kinds = await kubectl(['api-resources', '--api-group=external-secrets.io', '--output=name']);
  if (!kinds.includes('externalsecrets')) return;
  const found = await kubectl([...IN_NAMESPACE, 'get', 'externalsecrets', '--output=name']);
  if (found.trim() !== '')
    throw new PrerequisiteError(
      'kubectl uses a cluster whose secrets come from a vault: the rehearsal would replace its deployment. Name another in KUBECONFIG.',
    );
}
