import { newId, scopes, servicePermissions, services, type ServiceName } from '@tallystick/contracts';
import { certifyRegistrar, makePair, randomSecret, type KeyPair } from './keys.ts';

/** The client that acts for the operator, and owns the accounts of the outside world. */
export const OPERATOR_CLIENT = 'operator';
const OPERATOR_SCOPES = ['accounts:read', 'transfers:write', 'ledger:read', 'producers:write'];

/** Files by their path below the folder of secrets: a folder for each service is the Secret of that service. */
export type SecretFiles = Record<string, string>;

/**
 * Makes everything secret that an installation begins with: the root key and what it certifies, a key for each service,
 * keys of data at rest, passwords of databases, and the seed of auth, which trusts the public halves.
 * @param databaseHost where a service's database is
 * @param nowMs milliseconds since 1970
 */
export async function makeSecrets(
  databaseHost: (service: ServiceName) => string,
  nowMs: number,
): Promise<SecretFiles> {
  const [root, registrar, token, operator, cardEncryption] = await Promise.all([
    makePair(),
    makePair(),
    makePair(),
    makePair(),
    makePair('x25519'),
  ]);
  const signing = Object.fromEntries(
    await Promise.all(services.map(async (service) => [service, await makePair()] as const)),
  ) as Record<ServiceName, KeyPair>;
  const administrator = randomSecret();
  const passwords = Object.fromEntries(
    services.map((service) => [service, { service: randomSecret(), owner: randomSecret() }]),
  ) as Record<ServiceName, { service: string; owner: string }>;
  const files: SecretFiles = {
    // Not for any Secret: to be taken off the machine, and brought back to certify another registrar's key.
    'offline/root-key.jwk.json': json(root.privateJwk),
    'operator/client-key.jwk.json': json(operator.privateJwk),
    'postgres/administrator-password': administrator,
    'auth/token-key.jwk.json': json(token.privateJwk),
    'auth/registrar-key.jwk.json': json(registrar.privateJwk),
    'auth/registrar.certificate': await certifyRegistrar(root, registrar, nowMs),
    'auth/cookie-keys.json': json([randomSecret()]),
    'auth/seed.json': json(seedOf(signing, cardEncryption, operator)),
    'card/encryption-key.jwk.json': json(cardEncryption.privateJwk),
    'card/field-keys.json': json({
      current: 'k1',
      encryption: { k1: randomSecret() },
      fingerprint: randomSecret(),
    }),
  };
  for (const service of services) {
    files[`${service}/signing-key.jwk.json`] = json(signing[service].privateJwk);
    files[`${service}/trust-anchors.jwks.json`] = json({ keys: [{ ...root.publicJwk, kid: root.kid }] });
    const { service: own, owner } = passwords[service];
    const database = `${databaseHost(service)}:5432/${service}`;
    files[`postgres/${service}-password`] = own;
    files[`postgres/${service}-owner-password`] = owner;
    files[`${service}/postgres-url`] = `postgres://${service}:${own}@${database}`;
    // In no folder that a service reads: who owns a database can rewrite its history.
    files[`${service}-migration/postgres-url`] = `postgres://${service}_owner:${owner}@${database}`;
  }
  return files;
}

/** What auth is to know from its start: the operator's client and the keys of the services. */
function seedOf(signing: Record<ServiceName, KeyPair>, cardEncryption: KeyPair, operator: KeyPair): object {
  const customerScopes = Object.keys(scopes).filter(
    (scope) => scope !== 'ledger:read' && scope !== 'producers:write',
  );
  return {
    customers: ['customer', 'merchant'].map((name) => ({
      id: newId('usr'),
      email: `${name}@example.com`,
      password: randomSecret(),
      name,
    })),
    clients: [
      {
        client_id: 'demo-app',
        client_name: 'Demo app',
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: ['http://127.0.0.1/callback'],
        scope: ['openid', 'offline_access', ...customerScopes].join(' '),
        dpop_bound_access_tokens: true,
      },
      {
        client_id: OPERATOR_CLIENT,
        client_name: 'Operator',
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [{ ...operator.publicJwk, kid: operator.kid, use: 'sig' }] },
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
        scope: OPERATOR_SCOPES.join(' '),
        dpop_bound_access_tokens: true,
      },
    ],
    producers: services
      .filter((service) => service !== 'auth')
      .map((service) => ({
        id: service,
        keys: [
          {
            publicJwk: signing[service].publicJwk,
            use: 'sig',
            permissions: servicePermissions(service),
            batch: true,
          },
          ...(service === 'card'
            ? [{ publicJwk: cardEncryption.publicJwk, use: 'enc', permissions: [] }]
            : []),
        ],
      })),
  };
}

function json(value: unknown): string {
  return JSON.stringify(value);
}
