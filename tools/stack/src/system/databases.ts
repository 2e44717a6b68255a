import { randomBytes } from 'node:crypto';
import { services, type ServiceName } from '@tallystick/contracts';
import pg from 'pg';

/** A database a service, each owned by a role of its own that can open no other. */
export interface Databases {
  urls: Record<ServiceName, string>;
  drop(): Promise<void>;
}

/**
 * Creates the databases of a run.
 * @param adminUrl of a role that may create databases and roles
 * @param run tells this run's databases from those of another on the same server
 */
export async function createDatabases(adminUrl: string, run: string): Promise<Databases> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  const urls = {} as Record<ServiceName, string>;
  try {
    for (const service of services) {
      const name = `tallystick_${run}_${service}`;
      const password = randomBytes(18).toString('hex');
      // Names are made of our own letters and digits, the password of hex digits; neither can hold a quote.
      await client.query(`CREATE ROLE ${name} LOGIN PASSWORD '${password}'`);
      await client.query(`CREATE DATABASE ${name} OWNER ${name}`);
      await client.query(`REVOKE CONNECT ON DATABASE ${name} FROM PUBLIC`);
      const url = new URL(adminUrl);
      url.username = name;
      url.password = password;
      url.pathname = `/${name}`;
      urls[service] = url.href;
    }
  } finally {
    await client.end();
  }
  return { urls, drop: () => dropDatabases(adminUrl, run) };
}

async function dropDatabases(adminUrl: string, run: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    for (const service of services) {
      const name = `tallystick_${run}_${service}`;
      await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await client.query(`DROP ROLE IF EXISTS ${name}`);
    }
  } finally {
    await client.end();
  }
}
