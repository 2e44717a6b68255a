import { resolve } from 'node:path';
import { createDatabase } from '@tallystick/postgres';
import {
  claimDirectory,
  consoleLines,
  readStackFile,
  startSystem,
  stopOnExit,
  trustAuthority,
  type StackFile,
  type System,
} from '@tallystick/stack';
import type { LoadFlags } from '../command.ts';
import { startBacking } from './backing.ts';
import type { Part } from './processes.ts';
import { onDatabase } from './query.ts';

const REQUESTS_PER_SECOND_MAX = '1000000';

/** The system under load: started by this tool, or already running. */
export interface Target {
  stack: StackFile;
  /** Second processes of services. */
  replicas: Part[];
  /** Creates an empty schema or database in the same Postgres, to measure its limit. */
  scratch(): Promise<{ url: string; drop(): Promise<void> }>;
  /** Directory for files of this run. */
  directory: string;
  stop(): Promise<void>;
}

/** Opens the running stack that `--stack` names, or starts one. */
export async function openTarget(flags: LoadFlags, say: (line: string) => void): Promise<Target> {
  const directory = resolve(flags.directory);
  if (flags.stack !== undefined) {
    const stack = readStackFile(flags.stack);
    trustAuthority(stack);
    // The owner of a service's database may create schemas in it, but databases nowhere.
    return {
      stack,
      replicas: [],
      directory,
      scratch: () => scratchSchema(stack.postgres.account!),
      stop: async () => {},
    };
  }
  const release = claimDirectory(directory);
  const unregisterRelease = stopOnExit(async () => release());
  try {
    const backing = await startBacking(directory, say);
    const system = await startSystem(backing, {
      directory,
      progress: say,
      signatures: flags.signatures,
      code: 'built',
      console: flags.console === true,
      // The limit per address is for single clients; here one address represents all customers.
      adapt: (_service, env) => ({ ...env, REQUESTS_PER_SECOND_MAX }),
    });
    for (const line of consoleLines(system.stackFile)) say(line);
    const unregister = stopOnExit(() => system.stop());
    const replicas = flags.replicas === 1 ? [] : await startReplicas(system);
    return {
      stack: system.stackFile,
      replicas,
      directory,
      scratch: () => createDatabase(backing.postgres.url, `load_limit_${process.pid}`),
      async stop() {
        await system.stop();
        unregister();
        await backing.stop();
        release();
        unregisterRelease();
      },
    };
  } catch (fault) {
    release();
    throw fault;
  }
}

async function startReplicas(system: System): Promise<Part[]> {
  const moneyMoving = ['account', 'card', 'payment'] as const;
  return Promise.all(
    moneyMoving.map(async (service) => ({
      name: `${service}-2`,
      pid: (await system.startReplica(service)).pid,
    })),
  );
}

async function scratchSchema(databaseUrl: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `load_limit_${process.pid}`;
  await onDatabase(databaseUrl, (query) => query(`CREATE SCHEMA ${name}`));
  const url = new URL(databaseUrl);
  url.searchParams.set('options', `-c search_path=${name}`);
  return {
    url: url.href,
    drop: () =>
      onDatabase(databaseUrl, async (query) => void (await query(`DROP SCHEMA IF EXISTS ${name} CASCADE`))),
  };
}
