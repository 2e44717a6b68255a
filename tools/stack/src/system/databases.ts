import { randomBytes } from 'node:crypto';
import { accountSchema } from '@tallystick/account/store/schema.ts';
import { authSchema } from '@tallystick/auth/store/schema.ts';
import { cardSchema } from '@tallystick/card/store/schema.ts';
import { consoleSchema } from '@tallystick/console/store/schema.ts';
import type { ServiceName } from '@tallystick/contracts';
import { paymentSchema } from '@tallystick/payment/store/schema.ts';
import { bringForward } from '@tallystick/postgres';
import { serviceMigrations } from '@tallystick/service';
import type { OfServices } from '../stack-file.ts';
import pg from 'pg';

const schemas = {
  auth: authSchema,
  account: accountSchema,
  card: cardSchema,
  payment: paymentSchema,
  console: consoleSchema,
};

/** One database for each service, each with an owner and a role for the service; neither can open another database. */
export interface Databases {
  /** URLs for the services: each role has the rights that its service needs, and no more */
  urls: OfServices<string>;
  /** URLs of the owners: for tools that inspect a database, or need a schema there */
  ownerUrls: OfServices<string>;
  drop(): Promise<void>;
}

/**
 * Creates the databases of a run and migrates them.
 * @param adminUrl URL of a role that may create databases and roles
 * @param run distinguishes this run's databases from those of another on the same server
 * @param services those that run
 */
export async function createDatabases(
  adminUrl: string,
  run: string,
  services: readonly ServiceName[],
): Promise<Databases> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  const urls = {} as OfServices<string>;
  const ownerUrls = {} as OfServices<string>;
  try {
    for (const service of services) {
      const { database, role, owner } = namesOf(run, service);
      const passwords = { role: randomBytes(18).toString('hex'), owner: randomBytes(18).toString('hex') };
      // Names consist of our own letters and digits, passwords of hex digits; none can contain a quote.
      await client.query(`CREATE ROLE ${owner} LOGIN PASSWORD '${passwords.owner}'`);
      await client.query(`CREATE ROLE ${role} LOGIN PASSWORD '${passwords.role}'`);
      await client.query(`CREATE DATABASE ${database} OWNER ${owner}`);
      await client.query(`REVOKE CONNECT ON DATABASE ${database} FROM PUBLIC`);
      urls[service] = urlOf(adminUrl, database, role, passwords.role);
      ownerUrls[service] = urlOf(adminUrl, database, owner, passwords.owner);
    }
  } finally {
    await client.end();
  }
  await Promise.all(
    services.map((service) =>
      bringForward({
        url: ownerUrls[service]!,
        serviceRole: namesOf(run, service).role,
        sources: serviceMigrations(schemas[service]),
      }),
    ),
  );
  return { urls, ownerUrls, drop: () => dropDatabases(adminUrl, run, services) };
}

/** Returns the tables of a service's database whose rows are never changed or removed. */
export function historyOf(service: ServiceName): string[] {
  return serviceMigrations(schemas[service]).flatMap(({ appendOnly }) => appendOnly ?? []);
}

async function dropDatabases(adminUrl: string, run: string, services: readonly ServiceName[]): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    for (const service of services) {
      const { database, role, owner } = namesOf(run, service);
      await client.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
      await client.query(`DROP ROLE IF EXISTS ${role}, ${owner}`);
    }
  } finally {
    await client.end();
  }
}

function namesOf(run: string, service: ServiceName): { database: string; role: string; owner: string } {
  const name = `tallystick_${run}_${service}`;
  return { database: name, role: name, owner: `${name}_owner` };
}

function urlOf(adminUrl: string, database: string, role: string, password: string): string {
  const url = new URL(adminUrl);
  url.username = role;
  url.password = password;
  url.pathname = `/${database}`;
  return url.href;
}
