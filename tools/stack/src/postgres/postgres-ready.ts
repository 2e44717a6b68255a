import { Client } from 'pg';

import { messageOf, PrerequisiteError } from '../errors.ts';

/** While a Postgres starts it is asked again and again; one that somebody named is asked once, and may be busy. */
const CONNECT_TIMEOUT_MS = { starting: 2_000, named: 20_000 };

/** Whether a Postgres accepts connections at this address; false while it starts. */
export async function postgresServes(url: string): Promise<boolean> {
  return (await faultOf(url, CONNECT_TIMEOUT_MS.starting)) === null;
}

/**
 * Checks the Postgres that the environment named.
 *
 * @throws PrerequisiteError if it does not answer, or if the user is not a superuser
 */
export async function requirePostgres(url: string): Promise<void> {
  const fault = await faultOf(url, CONNECT_TIMEOUT_MS.named);
  if (fault === null) return;
  const { host } = new URL(url);
  throw new PrerequisiteError(
    `POSTGRES_URL names ${host}, which cannot be used (${messageOf(fault)}): start it and name a superuser, or unset POSTGRES_URL.`,
    { cause: fault },
  );
}

async function faultOf(url: string, connectionTimeoutMillis: number): Promise<unknown> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis });
  // an error on an idle connection is emitted here too, and the query below fails with it
  let lost: Error | null = null;
  client.on('error', (error) => (lost = error));
  try {
    await client.connect();
    const { rows } = await client.query<{ super: boolean }>(
      'SELECT rolsuper AS super FROM pg_roles WHERE rolname = current_user',
    );
    return rows[0]?.super === true ? lost : new Error('its user is not a superuser');
  } catch (fault) {
    return fault;
  } finally {
    await client.end();
  }
}
