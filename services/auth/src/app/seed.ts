import { id, permission, powers, producerId, publicJwk } from '@tallystick/contracts';
import type { Queryable } from '@tallystick/postgres';
import { ConfigurationError, readPrivateFile } from '@tallystick/config';
import { faultsOf, parseJson, thumbprint } from '@tallystick/security';
import { errors, type Provider } from 'oidc-provider';
import * as z from 'zod';
import { clientMetadata, type ClientMetadata } from '../domain/client-metadata.ts';
import type { KeyRegistration } from '../domain/producer-key.ts';
import { newPassword } from '../domain/password.ts';
import { findCustomer, putCustomer } from '../store/customers.ts';
import { findOperator, putOperator } from '../store/operators.ts';
import { hashPassword, verifyPassword } from './passwords.ts';

const seedSchema = z.strictObject({
  customers: z
    .array(
      z.strictObject({
        id: id('usr'),
        email: z.email().max(254),
        password: newPassword,
        name: z.string().min(1).max(120).optional(),
      }),
    )
    .default([]),
  operators: z
    .array(
      z.strictObject({
        id: id('opr'),
        email: z.email().max(254),
        password: newPassword,
        name: z.string().min(1).max(120),
        roles: z.array(z.enum(powers)),
      }),
    )
    .default([]),
  clients: z.array(clientMetadata).default([]),
  producers: z
    .array(
      z.strictObject({
        id: producerId,
        keys: z.array(
          z.strictObject({
            publicJwk,
            use: z.enum(['sig', 'enc']),
            permissions: z.array(permission).max(50),
            batch: z.boolean().default(false),
          }),
        ),
      }),
    )
    .default([]),
});

export type Seed = z.infer<typeof seedSchema>;

/** The seed of a service without a seed file. */
export const emptySeed: Seed = seedSchema.parse({});

/**
 * Reads the seed: the customers, operators, clients and producers to start with. The file contains passwords, so only its owner
 * may read it.
 * @throws ConfigurationError with every fault of the file
 */
export async function loadSeed(file: string): Promise<Seed> {
  const seed = seedSchema.safeParse(parseJson(await readPrivateFile(file)));
  if (seed.success) return seed.data;
  const faults = faultsOf(seed.error).map(({ path, message }) => `${path || '/'} ${message}`);
  throw new ConfigurationError(`${file}: does not hold a seed: ${faults.join('; ')}`);
}

/** Updates customers to match the seed. A password that still matches keeps its hash. */
export async function seedCustomers(db: Queryable, customers: Seed['customers']): Promise<void> {
  for (const { id: customerId, email, password, name } of customers) {
    const passwordHash = await seededHash(await findCustomer(db, customerId), password);
    await putCustomer(db, { id: customerId, email, name: name ?? null, passwordHash });
  }
}

/**
 * Updates operators to match the seed. A role that was taken away takes its scopes away at the next token.
 */
export async function seedOperators(db: Queryable, operators: Seed['operators']): Promise<void> {
  for (const { password, ...operator } of operators) {
    const passwordHash = await seededHash(await findOperator(db, operator.id), password);
    await putOperator(db, { ...operator, passwordHash });
  }
}

async function seededHash(known: { passwordHash: string } | undefined, password: string): Promise<string> {
  const fits = known !== undefined && (await verifyPassword(known.passwordHash, password));
  return fits ? known.passwordHash : hashPassword(password);
}

/**
 * Updates clients to match the seed.
 * @param keep writes the metadata of a client
 * @throws ConfigurationError if the provider refuses the metadata
 */
export async function seedClients(
  provider: Provider,
  clients: readonly ClientMetadata[],
  keep: (clientId: string, metadata: object) => Promise<unknown>,
): Promise<void> {
  // The constructor validates the metadata and adds defaults; it stores nothing.
  const Client = provider.Client as unknown as new (metadata: object) => { metadata(): object };
  for (const metadata of clients) {
    try {
      await keep(metadata.client_id, new Client(metadata).metadata());
    } catch (error) {
      if (!(error instanceof errors.InvalidClientMetadata)) throw error;
      throw new ConfigurationError(`SEED_FILE, client ${metadata.client_id}: ${error.error_description}`);
    }
  }
}

/** Returns the keys that the seed trusts, each with its RFC 7638 thumbprint. */
export function seedKeys(producers: Seed['producers']): Promise<KeyRegistration[]> {
  return Promise.all(
    producers.flatMap(({ id: owner, keys }) =>
      keys.map(async (key) => ({ ...key, producerId: owner, kid: await thumbprint(key.publicJwk) })),
    ),
  );
}
