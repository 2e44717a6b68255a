import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWorld, type World } from '@tallystick/attack';
import {
  probeSettingsOf,
  sourceFlags,
  startBackingServices,
  startSystem,
  type System,
} from '@tallystick/stack';
import { environmentOfTestRun } from '@tallystick/stack/testing';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const PROGRAM = join(ROOT, 'tools', 'probe', 'src', 'main.ts');

/** How a run of the probe ended. */
export interface Ended {
  status: number;
  stdout: string;
  stderr: string;
}

/** The whole system, with people who pay each other, and the probe as a separate program. */
export interface ProbedSystem {
  world: World;
  system: System;
  /** @param changes of the environment that the stack file gives */
  probe(args?: readonly string[], changes?: Record<string, string | undefined>): Promise<Ended>;
  stop(): Promise<void>;
}

/**
 * Starts the services on the Kafka and Postgres of the test run, with separate topics and databases.
 * @param otlp where the services send their spans, instead of the trace store of the test run
 */
export async function startProbedSystem(otlp?: string): Promise<ProbedSystem> {
  const directory = mkdtempSync(join(tmpdir(), 'tallystick-probe-'));
  const backing = await startBackingServices({
    directory,
    progress: () => {},
    env: environmentOfTestRun(),
  });
  // Metrics too, if they go to a collector of the test.
  const adapt = (_service: string, env: Record<string, string>): Record<string, string> =>
    otlp === undefined ? env : { ...env, OTEL_METRICS_EXPORTER: 'otlp' };
  const traces = { ...backing.traces, ...(otlp === undefined ? {} : { otlp }) };
  const system = await startSystem({ ...backing, traces }, { adapt, directory, progress: () => {} });
  const { world, close } = await openWorld(system.stackFile, undefined);
  return {
    world,
    system,
    probe: (args = [], changes = {}) =>
      runProgram(args, {
        ...probeSettingsOf(system.stackFile),
        OTEL_EXPORTER_OTLP_ENDPOINT: undefined,
        ...changes,
      }),
    async stop() {
      await close();
      await system.stop();
      await backing.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function runProgram(args: readonly string[], env: Record<string, string | undefined>): Promise<Ended> {
  const flags = [...sourceFlags, '--import=@tallystick/telemetry/register'];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...flags, PROGRAM, ...args],
      { cwd: ROOT, env: { PATH: process.env['PATH'], ...env } },
      (error, stdout, stderr) => resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}
