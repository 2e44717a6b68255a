import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createPool, type Pool } from '@tallystick/postgres';
import { fromEnvironment } from '@tallystick/postgres/testing';
import { runAuth, type RunningAuth } from './auth-service.ts';

const role = `rotated_${randomBytes(4).toString('hex')}`;
let auth: RunningAuth;
let admin: Pool;
beforeAll(async () => {
  auth = await runAuth();
  admin = createPool({ url: fromEnvironment('TEST_POSTGRES_URL'), applicationName: 'test' });
});
afterAll(async () => {
  await auth.stop();
  await admin.query(`DROP ROLE ${role}`);
  await admin.end();
});

const withPassword = (password: string): string => {
  const url = new URL(auth.postgresUrl);
  url.username = role;
  url.password = password;
  return url.href;
};

/** Sets the role's password, writes it to the service's file, and ends every connection of the service. */
async function rotate(statement: string, password: string): Promise<void> {
  await admin.query(`${statement} ROLE ${role} LOGIN SUPERUSER PASSWORD '${password}'`);
  await writeFile(auth.postgresUrlFile, withPassword(password));
  await endConnections();
}

async function endConnections(): Promise<void> {
  await admin.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'auth' AND datname = $1`,
    [new URL(auth.postgresUrl).pathname.slice(1)],
  );
}

async function connectedAs(): Promise<string[]> {
  const { rows } = await admin.query<{ usename: string }>(
    `SELECT DISTINCT usename FROM pg_stat_activity WHERE application_name = 'auth' AND datname = $1`,
    [new URL(auth.postgresUrl).pathname.slice(1)],
  );
  return rows.map(({ usename }) => usename);
}

/** Waits until the service is ready with connections of the role only. */
async function recovers(): Promise<void> {
  for (;;) {
    const { status } = await fetch(`${auth.url}/health/ready`);
    const roles = await connectedAs();
    if (status === 200 && roles.length === 1 && roles[0] === role) return;
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

test('uses a changed password from the next connection on, without a restart', async () => {
  await rotate('CREATE', 'first');
  await recovers();

  await rotate('ALTER', 'second');
  const withOld = createPool({ url: withPassword('first'), applicationName: 'test' });
  await expect(withOld.query('SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  await withOld.end();
  await recovers();
});

test('keeps the last URL while the file temporarily holds none', async () => {
  await writeFile(auth.postgresUrlFile, '');
  await endConnections();
  // It looks once: an idle connection may end before a second look.
  await expect(recovers()).resolves.toBeUndefined();
});

test('is not ready on a database of an earlier release, and names the missing migrations', async () => {
  const owner = createPool({ url: auth.postgresUrl, applicationName: 'test' });
  const ready = (): Promise<Response> => fetch(`${auth.url}/health/ready`);
  const { rows } = await owner.query<{ sha256: string }>(
    "DELETE FROM schema_migrations WHERE name = '0006-singular-names.sql' RETURNING sha256",
  );
  while ((await ready()).status === 200) await new Promise((wake) => setTimeout(wake, 50));
  expect(await (await ready()).json()).toEqual({
    status: 'not_ready',
    lacks: { migrations: 'the database lacks auth/0006-singular-names.sql' },
  });
  await owner.query(
    "INSERT INTO schema_migrations (scope, name, sha256) VALUES ('auth', '0006-singular-names.sql', $1)",
    [rows[0]!.sha256],
  );
  await recovers();
  await owner.end();
});
