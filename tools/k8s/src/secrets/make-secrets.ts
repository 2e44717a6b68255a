import { powers, services, type Power, type ServiceName } from '@tallystick/contracts';
import {
  CertificateAuthority,
  certifyRegistrar,
  CONSOLE_CLIENT,
  makeKeys,
  makePair,
  makeSeed,
  newCookieKeys,
  newKeyEncryptionKeys,
  isPower,
  outsidersOf,
  PROBE,
  randomSecret,
  type StackFile,
} from '@tallystick/stack';

/** Files by their path below the folder of secrets: the folder of a service becomes its Secret. */
export type SecretFiles = Record<string, string>;

/** Lifetime of the registrar's certificate. */
export const REGISTRAR_LIFETIME_S = 365 * 86_400;
/** Lifetime of the certificates of an installation without cert-manager. */
const CERTIFICATE_LIFETIME_MS = 365 * 86_400_000;
/** The authority of these certificates, by its path below the folder of secrets. */
export const AUTHORITY_FILE = 'authority.crt';

/** Addresses of a test installation for programs of this machine, when its ports are published or forwarded. */
const LOCAL = {
  services: {
    auth: '127.0.0.1:8081',
    account: '127.0.0.1:8082',
    card: '127.0.0.1:8083',
    payment: '127.0.0.1:8084',
    console: '127.0.0.1:8085',
  },
  kafka: '127.0.0.1:19092',
  postgres: '127.0.0.1:15432',
  traces: { otlp: 'http://127.0.0.1:14318', jaeger: 'http://127.0.0.1:16686' },
};

export interface SecretOptions {
  /** host of a service's database */
  databaseHost: (service: ServiceName) => string;
  /**
   * adds the customers, the app and the third parties of the demo, and `stack.json`, which describes them to the
   * tools: for test installations only
   */
  withDemo: boolean;
  /** address of the console, to which its client leads back; that of a forwarded port in test installations */
  consoleOrigin?: string | undefined;
  /** adds an authority, and a certificate of each service by it, for an installation without cert-manager */
  withCertificates?: boolean;
  /** milliseconds since 1970 */
  nowMs: number;
}

/**
 * Generates all secrets of a new installation: the root key and its certificates, a key for each service, keys for
 * data at rest, database passwords, and the seed of auth, which trusts the public halves.
 */
export async function makeSecrets({
  databaseHost,
  withDemo,
  consoleOrigin,
  withCertificates = false,
  nowMs,
}: SecretOptions): Promise<SecretFiles> {
  const [root, registrar, token, keys] = await Promise.all([
    makePair(),
    makePair(),
    makePair(),
    makeKeys((_name, type) => makePair(type)),
  ]);
  const addresses = addressesOf(withCertificates ? 'https' : 'http');
  const seed = makeSeed(keys, { consoleOrigin: consoleOrigin ?? addresses.console });
  const seeded = withDemo
    ? seed
    : {
        customers: [],
        operators: [],
        clients: seed.clients.filter(
          ({ client_id: id }) =>
            isPower(id) || id === PROBE || (id === CONSOLE_CLIENT && consoleOrigin !== undefined),
        ),
        producers: seed.producers.filter(({ id }) => (services as readonly string[]).includes(id)),
      };
  const files: SecretFiles = {
    // Not for any Secret: store it off the machine, and use it again to certify another registrar's key.
    'offline/root-key.jwk.json': json(root.privateJwk),
    ...Object.fromEntries(powers.map((power) => [clientFile(power), json(keys.operators[power].privateJwk)])),
    [clientFile(PROBE)]: json(keys.probe.privateJwk),
    [clientFile(CONSOLE_CLIENT)]: json(keys.consoleClient.privateJwk),
    'console/key-encryption-keys.json': newKeyEncryptionKeys(),
    'postgres/administrator-password': randomSecret(),
    'auth/token-key.jwk.json': json(token.privateJwk),
    'auth/registrar-key.jwk.json': json(registrar.privateJwk),
    'auth/registrar.certificate': await certifyRegistrar(root, registrar, {
      nowMs,
      lifetimeS: REGISTRAR_LIFETIME_S,
    }),
    'auth/cookie-keys.json': newCookieKeys(),
    'auth/seed.json': json(seeded),
    'card/encryption-key.jwk.json': json(keys.cardEncryption.privateJwk),
    'card/key-encryption-keys.json': newKeyEncryptionKeys(),
  };
  const owners = {} as Record<ServiceName, string>;
  for (const service of services) {
    const [own, owner] = [randomSecret(), randomSecret()];
    const urlFor = (role: string, password: string, host: string): string =>
      `postgres://${role}:${password}@${host}/${service}`;
    const host = `${databaseHost(service)}:5432`;
    files[`${service}/signing-key.jwk.json`] = json(keys.services[service].privateJwk);
    files[`${service}/trust-anchors.jwks.json`] = json({ keys: [{ ...root.publicJwk, kid: root.kid }] });
    files[`postgres/${service}-password`] = own;
    files[`postgres/${service}-owner-password`] = owner;
    files[`${service}/postgres-url`] = urlFor(service, own, host);
    // Outside the folders that services read: the owner of a database can rewrite its history.
    files[`${service}-migration/postgres-url`] = urlFor(`${service}_owner`, owner, host);
    owners[service] = urlFor(`${service}_owner`, owner, LOCAL.postgres);
  }
  if (withCertificates) Object.assign(files, await makeCertificates(nowMs));
  if (!withDemo) return files;
  for (const [id, { privateJwk }] of Object.entries(keys.producers))
    files[producerFile(id)] = json(privateJwk);
  const stack: StackFile = {
    kafka: { brokers: [LOCAL.kafka] },
    ...(withCertificates ? { authority: AUTHORITY_FILE } : {}),
    services: addresses,
    trustAnchors: 'auth/trust-anchors.jwks.json',
    serviceKeys: {
      auth: 'auth/signing-key.jwk.json',
      account: 'account/signing-key.jwk.json',
      card: 'card/signing-key.jwk.json',
      payment: 'payment/signing-key.jwk.json',
      console: 'console/signing-key.jwk.json',
    },
    ...outsidersOf({ keys, seed }, { producer: producerFile, client: clientFile }),
    traces: LOCAL.traces,
    postgres: owners,
  };
  files['stack.json'] = json(stack);
  return files;
}

/** Returns the certificate of each service, for its names in the cluster and for a forwarded port. */
async function makeCertificates(nowMs: number): Promise<SecretFiles> {
  const authority = await CertificateAuthority.generate(nowMs, CERTIFICATE_LIFETIME_MS);
  const files: SecretFiles = { [AUTHORITY_FILE]: authority.pem };
  for (const service of services) {
    const names = ['', '.tallystick', '.tallystick.svc'].map((suffix) => service + suffix);
    const { certificate, key } = await authority.issue(service, [...names, '127.0.0.1'], nowMs);
    files[`${service}-server/tls.crt`] = certificate;
    files[`${service}-server/tls.key`] = key;
  }
  return files;
}

function addressesOf(scheme: 'http' | 'https'): StackFile['services'] {
  return Object.fromEntries(
    Object.entries(LOCAL.services).map(([service, address]) => [service, `${scheme}://${address}`]),
  ) as StackFile['services'];
}

function clientFile(id: Power | typeof PROBE | typeof CONSOLE_CLIENT): string {
  return id === PROBE || id === CONSOLE_CLIENT ? `${id}/client-key.jwk.json` : `operators/${id}.jwk.json`;
}

function producerFile(id: string): string {
  return `producers/${id}.jwk.json`;
}

function json(value: unknown): string {
  return JSON.stringify(value);
}
