import { randomBytes } from 'node:crypto';
import { accountSchema } from '@tallystick/account/store/schema.ts';
import { authSchema } from '@tallystick/auth/store/schema.ts';
import { cardSchema } from '@tallystick/card/store/schema.ts';
import { services, type ServiceName } from '@tallystick/contracts';
import { paymentSchema } from '@tallystick/payment/store/schema.ts';
import { bringForward } from '@tallystick/postgres';
import { serviceMigrations } from '@tallystick/service';
import pg from 'pg';

const schemas = { auth: authSchema, account: accountSchema, card: cardSchema, payment: paymentSchema };

/** A database a service, each with an owner and a role for the service; neither can open another. */
export interface Databases {
  /** for the services: each role may do what its service does, and no more */
  urls: Record<ServiceName, string>;
  /** of the owners: for whoever looks in from outside, or needs a place of their own there */
  ownerUrls: Record<ServiceName, string>;
  drop(): Promise<void>;
}

/**
 * Creates the databases of a run and brings them forward.
 * @param adminUrl of a role that may create databases and roles
 * @param run tells this run's databases from those of another on the same server
 */
export async function createDatabases(adminUrl: string, run: string): Promise<Databases> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  const urls = {} as Record<ServiceName, string>;
  const ownerUrls = {} as Record<ServiceName, string>;
  try {
    for (const service of services) {
      const { database, role, owner } = namesOf(run, service);
      const passwords = { role: randomBytes(18).toString('hex'), owner: randomBytes(18).toString('hex') };
      // Names are made of our own letters and digits, passwords of hex digits; none can hold a quote.
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
        url: ownerUrls[service],
        serviceRole: namesOf(run, service).role,
        sources: serviceMigrations(schemas[service]),
      }),
    ),
  );
  return { urls, ownerUrls, drop: () => dropDatabases(adminUrl, run) };
}

/** The tables of a service's database whose rows are never changed nor removed. */
export function historyOf(service: ServiceName): string[] {
  return serviceMigrations(schemas[service]).flatMap(({ appendOnly }) => appendOnly ?? []);
}

async function dropDatabases(adminUrl: string, run: string): Promise<void> {
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
