import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PostgreSqlContainer } from '@testcontainers/postgresql';

import type { Postgres, Surroundings } from '../backing.ts';
import type { Engine } from '../container/container-engine.ts';
import { postgresImage } from '../container/images.ts';
import { postgresContainerOf } from '../container/local-container.ts';
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

const TLS_DIRECTORY = '/run/postgres-tls';
const tlsFiles: PostgresTlsFiles = {
  certificate: `${TLS_DIRECTORY}/server.crt`,
  key: `${TLS_DIRECTORY}/server.key`,
  clientRules: `${TLS_DIRECTORY}/pg_hba.conf`,
};

/** Starts Postgres in a container, with a separate password for each run. */
export async function startPostgresContainer(engine: Engine, around: Surroundings): Promise<Postgres> {
  const password = randomBytes(18).toString('base64url');
  const { security } = around;
  const prepared = postgresContainerOf(engine, postgresImage, join(around.logDirectory, 'postgres.log'))
    .withDatabase('postgres')
    .withUsername('postgres')
    .withPassword(password)
    .withEnvironment({ POSTGRES_INITDB_ARGS: initdbFlags.join(' ') })
    .withCommand(['postgres', ...postgresFlags]);
  if (security !== undefined) await withTls(prepared, security, engine.host);
  const container = await prepared
    // the library's own check would have the password in its command line
    .withHealthCheck({
      test: ['CMD', 'pg_isready', '-h', 'localhost'],
      interval: 250,
      timeout: 1_000,
      retries: 1_000,
    })
    .withStartupTimeout(POSTGRES_START_TIMEOUT_MS)
    .start();
  const open = `postgres://postgres:${password}@${engine.host}:${container.getPort()}/postgres`;
  return {
    url: security === undefined ? open : withVerifiedTls(open, security.authority.caFile),
    origin: 'container',
    stop: async () => {
      await container.stop();
    },
  };
}

async function withTls(
  container: PostgreSqlContainer,
  { authority }: TransportSecurity,
  host: string,
): Promise<void> {
  const { certificateFile, keyFile } = await authority.certify('postgres', [host], Date.now());
  const contents = {
    [tlsFiles.certificate]: readFileSync(certificateFile, 'utf8'),
    [tlsFiles.key]: readFileSync(keyFile, 'utf8'),
    [tlsFiles.clientRules]: clientRules,
  };
  container
    .withCopyContentToContainer(
      Object.entries(contents).map(([target, content]) => ({ target, content, mode: 0o600 })),
    )
    // copied files belong to root, and the server refuses a key of another owner
    .withEntrypoint([
      'bash',
      '-c',
      `chown -R postgres ${TLS_DIRECTORY} && exec docker-entrypoint.sh "$@"`,
      '--',
    ])
    .withCommand(['postgres', ...postgresFlags, ...postgresTlsFlags(tlsFiles)]);
}
