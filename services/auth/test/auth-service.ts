import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId, personScopes, powers, type CertificateClaims } from '@tallystick/contracts';
import { fromEnvironment, openTestDatabase } from '@tallystick/postgres/testing';
import { createKafka, ensureTopics } from '@tallystick/messaging';
import { importSigningKey, publicPart, signCertificate, type SigningKey } from '@tallystick/security';
import { createLogger } from '@tallystick/telemetry';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { readConfig } from '../src/config.ts';
import { startAuth, type AuthService } from '../src/service.ts';

export const ada = {
  id: newId('usr'),
  email: 'ada@example.com',
  password: 'correct horse battery',
  name: 'Ada',
};
export const bob = {
  id: newId('usr'),
  email: 'bob@example.com',
  password: 'staple of the battery',
  name: 'Bob',
};

export const carol = {
  id: newId('usr'),
  email: 'carol@example.com',
  password: 'battery of horses',
  name: 'Carol',
};

export const dan = {
  id: newId('usr'),
  email: 'dan@example.net',
  password: 'horses of the staple',
  name: 'Dan',
};

export const erin = {
  id: newId('usr'),
  email: 'erin@example.com',
  password: 'correct staple battery',
  name: 'Erin',
};

export const olivia = {
  id: newId('opr'),
  email: 'olivia@operators.example',
  password: 'reads and supports',
  name: 'Olivia',
  roles: ['reader', 'support', 'registrar'],
};
export const theo = {
  id: newId('opr'),
  email: 'theo@operators.example',
  password: 'brings money in',
  name: 'Theo',
  roles: ['treasury'],
};

export const CONSOLE_CALLBACK = 'https://console.example/sign-in/callback';

/** A customer whose password was set on a keyboard that decomposes letters. */
export const fay = {
  id: newId('usr'),
  email: 'fay@example.com',
  password: 'cafe\u0301 au lait',
  name: 'Fay',
};

/** Text that runs as a script if it is not escaped. */
export const SCRIPT = `"'><script>alert(1)</script>`;

export const WALLET_CALLBACK = 'http://127.0.0.1/callback';

/** A public client whose tokens are always bound to a key. */
export const wallet = {
  client_id: 'wallet',
  client_name: `Wallet ${SCRIPT}`,
  application_type: 'native',
  redirect_uris: [WALLET_CALLBACK],
  grant_types: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_method: 'none',
  scope: 'openid offline_access accounts:read payments:write consents:read consents:write',
  dpop_bound_access_tokens: true,
  allowed_origins: ['https://wallet.example'],
};

/** A second public client, with the same rights. */
export const kiosk = {
  ...wallet,
  client_id: 'kiosk',
  client_name: 'Kiosk',
  allowed_origins: ['https://kiosk.example'],
};

export const PAYMENT_PERMISSIONS = [{ topic: 'account.commands.v1', types: ['hold.place'] }];

export interface RunningAuth {
  url: string;
  postgresUrl: string;
  /** The file from which the service reads its database URL. */
  postgresUrlFile: string;
  kafkaBrokers: readonly string[];
  topicPrefix: string;
  /** Public root keys. */
  trustAnchors: JWK[];
  trustAnchorsFile: string;
  /** The service's signing key at the start. */
  signingKey: SigningKey;
  root: SigningKey;
  /** The registrar's key at the start. */
  registrarKey: SigningKey;
  /** Replaces files of the service while it runs. */
  replace(files: Record<string, unknown>): Promise<void>;
  /** Path of a file of the service. */
  fileOf(name: string): string;
  /** The private key of the confidential client `ops`. */
  opsKey: JWK;
  /** The signing key of the producer `payment`, which the seed trusts. */
  paymentKey: SigningKey;
  /** Restarts the service on the same state. */
  restart(): Promise<void>;
  /** Starts a second replica on the same state. */
  replica(): Promise<AuthService>;
  /** Stops the service, and keeps its state. */
  halt(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the service on its own database and topics, with customers, two clients and a producer.
 * @param changes of its environment
 * @param host of its URL
 */
export async function runAuth(
  changes: Record<string, string> = {},
  host = '127.0.0.1',
): Promise<RunningAuth> {
  const database = await openTestDatabase();
  const kafkaBrokers = fromEnvironment('TEST_KAFKA_BROKERS').split(',');
  const topicPrefix = `${new URL(database.url).pathname.slice(1)}.`;
  const logger = createLogger({ service: 'test', level: 'silent', confidentialFields: [] });
  await ensureTopics(createKafka({ brokers: kafkaBrokers, clientId: 'test', logger }), {
    prefix: topicPrefix,
  });

  const directory = await mkdtemp(join(tmpdir(), 'tallystick-auth-'));
  const write = async (name: string, content: unknown): Promise<string> => {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    await writeFile(join(directory, name), text, { mode: 0o600 });
    return join(directory, name);
  };
  const root = await importSigningKey(await newPrivateJwk('EdDSA'));
  const registrar = await certifiedRegistrar(root);
  const opsKey = await newPrivateJwk('EdDSA');
  const paymentKey = await newSigningKey();
  const url = `http://${host}:${await freePort()}`;
  const postgresUrlFile = await write('postgres-url', `${database.url}\n`);
  const signingJwk = await newPrivateJwk('EdDSA');
  const trustAnchorsFile = await write('trust-anchors.json', { keys: [root.publicJwk] });
  const config = await readConfig({
    PORT: new URL(url).port,
    PUBLIC_URL: url,
    POSTGRES_URL_FILE: postgresUrlFile,
    KAFKA_BROKERS: kafkaBrokers.join(','),
    TOPIC_PREFIX: topicPrefix,
    TRUST_ANCHORS_FILE: trustAnchorsFile,
    SIGNING_KEY_FILE: await write('signing-key.json', signingJwk),
    TOKEN_KEY_FILE: await write('token-key.json', await newPrivateJwk('EdDSA')),
    REGISTRAR_KEY_FILE: await write('registrar-key.json', registrar.privateJwk),
    REGISTRAR_CERTIFICATE_FILE: await write('registrar.jwt', registrar.certificate),
    COOKIE_KEYS_FILE: await write('cookie-keys.json', ['0123456789abcdef0123456789abcdef']),
    SEED_FILE: await write('seed.json', {
      customers: [ada, bob, carol, dan, erin, fay],
      operators: [olivia, theo],
      clients: [
        wallet,
        kiosk,
        consoleClient(opsKey),
        ...Object.entries(opsScopes).map(([id, scope]) => opsClient(id, scope, opsKey)),
      ],
      producers: [
        {
          id: 'payment',
          keys: [{ publicJwk: paymentKey.publicJwk, use: 'sig', permissions: PAYMENT_PERMISSIONS }],
        },
      ],
    }),
    OUTBOX_KEPT_HOURS: '1',
    REQUESTS_PER_SECOND_MAX: '10000',
    LOG_LEVEL: 'silent',
    ...changes,
  });
  let service = await startAuth(config);
  return {
    url,
    postgresUrl: database.url,
    postgresUrlFile,
    kafkaBrokers,
    topicPrefix,
    trustAnchors: [root.publicJwk],
    trustAnchorsFile,
    signingKey: await importSigningKey(signingJwk),
    root,
    registrarKey: registrar.key,
    replace: async (files) => {
      for (const [name, content] of Object.entries(files))
        await rename(await write(`${name}.new`, content), join(directory, name));
    },
    fileOf: (name) => join(directory, name),
    opsKey,
    paymentKey,
    async restart() {
      await service.stop();
      service = await startAuth(config);
    },
    replica: async () => startAuth({ ...config, PORT: await freePort() }),
    halt: () => service.stop(),
    async stop() {
      await service.stop();
      await database.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** The operators' clients, which share a key in these tests: each has one power. */
const opsScopes = {
  ops: 'producers:write',
  'ops-2': 'producers:write',
  'ops-reader': 'ledger:read clients:read audit:read',
  'ops-support': 'clients:disable customers:disable operators:disable sessions:end',
};

function consoleClient(privateJwk: JWK): object {
  return {
    client_id: 'console',
    client_name: 'Console',
    signs_in: 'operators',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: [CONSOLE_CALLBACK],
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [publicPart(privateJwk)] },
    scope: ['openid', ...personScopes(powers)].join(' '),
    dpop_bound_access_tokens: true,
  };
}

function opsClient(clientId: string, scope: string, privateJwk: JWK): object {
  return {
    client_id: clientId,
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [publicPart(privateJwk)] },
    scope,
    dpop_bound_access_tokens: true,
  };
}

/** Creates a registrar key with its certificate of the root key. */
export async function certifiedRegistrar(
  root: SigningKey,
): Promise<{ privateJwk: JWK; key: SigningKey; certificate: string }> {
  const privateJwk = await newPrivateJwk('EdDSA');
  const nowS = Math.floor(Date.now() / 1000);
  const certificate = await signCertificate(
    {
      sub: 'auth',
      iat: nowS,
      nbf: nowS - 60,
      exp: nowS + 86_400,
      cnf: { jwk: publicPart(privateJwk) as CertificateClaims['cnf']['jwk'] },
      use: 'sig',
      role: 'registrar',
      permissions: [],
      status: 'active',
    },
    root,
  );
  return { privateJwk, key: await importSigningKey(privateJwk), certificate };
}

/** Signs the root's revocation of a registrar key that was stolen. */
export function revocationOf({ publicJwk }: SigningKey, root: SigningKey): Promise<string> {
  const nowS = Math.floor(Date.now() / 1000);
  const jwk = publicJwk as CertificateClaims['cnf']['jwk'];
  return signCertificate(
    {
      sub: 'auth',
      iat: nowS,
      nbf: nowS - 60,
      exp: nowS + 86_400,
      cnf: { jwk },
      use: 'sig',
      role: 'registrar',
      permissions: [],
      status: 'revoked',
      revoked_since: nowS,
    },
    root,
  );
}

export async function newPrivateJwk(alg: 'EdDSA' | 'ES256'): Promise<JWK> {
  return exportJWK((await generateKeyPair(alg, { extractable: true })).privateKey);
}

export async function newSigningKey(): Promise<SigningKey> {
  return importSigningKey(await newPrivateJwk('ES256'));
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
