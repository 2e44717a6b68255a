import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { coreServices } from '@tallystick/contracts';
import {
  startBackingServices,
  startSystem,
  type BackingServices,
  type SupervisedProcess,
  type System,
} from '@tallystick/stack';
import { signalTree } from '../src/faults/signal-tree.ts';

/** Time in which a service reports a missing part: its session timeout plus the interval of the polls. */
const TOLD_WITHIN_MS = 12_000;
const BACK_WITHIN_MS = 30_000;

let directory: string;
let backing: BackingServices;
let system: System;
let kafka: SupervisedProcess;
let postgres: SupervisedProcess;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tallystick-readiness-'));
  backing = await startBackingServices({
    directory,
    progress: () => {},
    traces: 'sink',
    // Separate servers, since they are paused and killed.
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TALLYSTICK_BACKING: 'process' },
  });
  kafka = backing.processes.kafka!;
  postgres = backing.processes.postgres!;
  system = await startSystem(backing, { directory, progress: () => {} });
}, 120_000);
afterAll(async () => {
  await system.stop();
  await backing.stop();
  rmSync(directory, { recursive: true, force: true });
}, 60_000);

interface Readiness {
  status: number;
  lacks: string[];
}

async function readinessOf(service: (typeof coreServices)[number]): Promise<Readiness> {
  const response = await fetch(`${system.stackFile.services[service]}/health/ready`);
  const body = (await response.json()) as { lacks?: Record<string, string> };
  return { status: response.status, lacks: Object.keys(body.lacks ?? {}) };
}

/** Polls every service until each answer is accepted. @throws with the last answers if the time is over */
async function allSay(willDo: (one: Readiness) => boolean, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answers = await Promise.all(coreServices.map(readinessOf));
    if (answers.every(willDo)) return;
    if (performance.now() > deadline) throw new Error(`not so in time: ${JSON.stringify(answers)}`);
    await delay(100);
  }
}

const isReady = ({ status }: Readiness): boolean => status === 200;
const lacks =
  (part: string) =>
  ({ status, lacks }: Readiness): boolean =>
    status === 503 && lacks.includes(part);

describe('every service', () => {
  test.each<[string, () => SupervisedProcess, string]>([
    ['the broker', () => kafka, 'kafka'],
    ['the database', () => postgres, 'database'],
  ])(
    'is not ready while %s hangs, names it, and recovers by itself',
    async (_what, part, name) => {
      await allSay(isReady, BACK_WITHIN_MS);
      // Including its children: Postgres has a process for each connection.
      signalTree(part().pid, 'SIGSTOP');
      try {
        await allSay(lacks(name), TOLD_WITHIN_MS);
      } finally {
        signalTree(part().pid, 'SIGCONT');
      }
      await allSay(isReady, BACK_WITHIN_MS);
      expect(Object.values(system.processes).every(({ running }) => running)).toBe(true);
    },
    120_000,
  );

  test.each<[string, () => SupervisedProcess, string]>([
    ['the broker', () => kafka, 'kafka'],
    ['the database', () => postgres, 'database'],
  ])(
    'is not ready while %s is down, and recovers by itself',
    async (_what, part, name) => {
      await allSay(isReady, BACK_WITHIN_MS);
      await part().kill('SIGKILL');
      await allSay(lacks(name), TOLD_WITHIN_MS);
      await part().restart();
      await allSay(isReady, BACK_WITHIN_MS);
      expect(Object.values(system.processes).every(({ running }) => running)).toBe(true);
    },
    120_000,
  );
});
