import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

import { auditMigrations } from '@tallystick/audit';
import { API_AUDIENCE, type CertificateClaims, type OperationDefinition } from '@tallystick/contracts';
import { transaction, type MigrationSource, type Pool, type Transaction } from '@tallystick/postgres';
import { openTestDatabase } from '@tallystick/postgres/testing';
import {
  ACCESS_TOKEN_TYPE,
  certificateDigest,
  importSigningKey,
  Keyring,
  makeProof,
  signCertificate,
  signSnapshot,
  type KeySet,
  type SigningKey,
} from '@tallystick/security';
import { createLogger } from '@tallystick/telemetry';

import { Edge, edgeMigrations, type EdgeOptions, type ReadinessCheck } from '../src/index.ts';

export const issuer = 'https://auth.example';
/** How long before the test certificates begin, in seconds: tests replay what was signed up to two days ago. */
const VALID_BEFORE_S = 2 * 86_400;
/** The address that clients use; the edge itself listens on another one, as behind a proxy. */
export const publicUrl = 'https://api.example';

interface Key extends SigningKey {
  secret: KeyObject;
}

type Transact = <T>(work: (tx: Transaction, send: undefined) => Promise<T>) => Promise<T>;

export interface EdgeWorld {
  pool: Pool;
  databaseUrl: string;
  keyring: Keyring;
  /** The key of the client's proofs. */
  wallet: SigningKey;
  /** The options of an edge, except its name, its publisher and its operations. */
  edgeOptions: Pick<EdgeOptions<unknown>, 'publicUrl' | 'issuer' | 'keyring' | 'pool' | 'logger'>;
  /** Certifies the key of a producer, which the keyring trusts from then on. */
  certify(key: SigningKey, claims: Pick<CertificateClaims, 'sub' | 'permissions'>): Promise<void>;
  /** Has the registrar's snapshot list the origins that clients registered. */
  allowOrigins(origins: readonly string[]): Promise<void>;
  newEdge(changes?: {
    pool?: Pool;
    requestsPerSecondMax?: number;
    trustedProxies?: readonly string[];
    operatorUrl?: string;
    needs?: readonly ReadinessCheck[];
    replyKeys?: () => Promise<KeySet>;
    nowMs?: () => number;
    transact?: Transact;
    service?: string;
    operations?: readonly OperationDefinition[];
  }): Edge<undefined>;
  /** Creates an access token, bound to the wallet's key unless `cnf` differs. */
  token(changes?: Record<string, unknown>): string;
  stop(): Promise<void>;
}

/** @param sources migrations of the service, in addition to those of the edge */
export async function startEdgeWorld(...sources: MigrationSource[]): Promise<EdgeWorld> {
  const database = await openTestDatabase(edgeMigrations, auditMigrations, ...sources);
  const { pool } = database;
  const [root, registrar, tokenKey, wallet] = await Promise.all([newKey(), newKey(), newKey(), newKey()]);
  const { keyring, certify, allowOrigins } = await trustNobody(root, registrar);
  await certify(tokenKey, {
    sub: 'auth',
    permissions: [{ topic: API_AUDIENCE, types: [ACCESS_TOKEN_TYPE] }],
  });
  const logger = createLogger({ service: 'test', level: 'silent', confidentialFields: [] });
  const edgeOptions = { publicUrl, issuer, keyring, pool, logger };
  return {
    pool,
    databaseUrl: database.url,
    keyring,
    wallet,
    edgeOptions,
    certify,
    allowOrigins,
    newEdge: ({ pool: used = pool, ...changes } = {}) =>
      new Edge<undefined>({
        ...edgeOptions,
        service: 'test',
        pool: used,
        transact: (work) => transaction(used, (tx) => work(tx, undefined)),
        ...changes,
      }),
    token: (changes = {}) => {
      const nowS = Math.floor(Date.now() / 1000);
      const claims = {
        iss: issuer,
        sub: 'usr_1',
        aud: API_AUDIENCE,
        client_id: 'wallet',
        iat: nowS - 5,
        exp: nowS + 300,
        jti: 't1',
        scope: 'accounts:read accounts:write transfers:write mandates:write payments:write cards:write',
        cnf: { jkt: wallet.kid },
        ...changes,
      };
      return signed({ alg: 'EdDSA', typ: 'at+jwt', kid: tokenKey.kid }, claims, tokenKey.secret);
    },
    async stop() {
      await database.close();
    },
  };
}

/** Creates a keyring that trusts only the registrar, and the registrar's function to certify keys. */
async function trustNobody(
  root: SigningKey,
  registrar: SigningKey,
): Promise<Pick<EdgeWorld, 'keyring' | 'certify' | 'allowOrigins'>> {
  const nowS = Math.floor(Date.now() / 1000);
  const claimsOf = (
    key: SigningKey,
    changes: Pick<CertificateClaims, 'sub' | 'permissions'> & Partial<CertificateClaims>,
  ): CertificateClaims => ({
    iat: nowS,
    nbf: nowS - VALID_BEFORE_S,
    exp: nowS + 3_600,
    cnf: { jwk: key.publicJwk as CertificateClaims['cnf']['jwk'] },
    use: 'sig',
    role: 'producer',
    status: 'active',
    ...changes,
  });
  const keyring = await Keyring.create({ trustAnchors: [root.publicJwk] });
  const asRegistrar = claimsOf(registrar, { sub: 'auth', role: 'registrar', permissions: [] });
  await keyring.take(await signCertificate(asRegistrar, root));
  const certificates: Record<string, string> = {};
  let version = 0;
  let origins: readonly string[] = [];
  const restate = async (): Promise<void> => {
    version += 1;
    const snapshot = {
      version,
      iat: nowS,
      exp: nowS + 3_600,
      certificates: { ...certificates },
      origins: [...origins],
    };
    await keyring.take(await signSnapshot(snapshot, registrar));
  };
  return {
    keyring,
    async certify(key, claims) {
      const certificate = await signCertificate(claimsOf(key, claims), registrar);
      await keyring.take(certificate);
      certificates[key.kid] = certificateDigest(certificate);
      await restate();
    },
    async allowOrigins(registered) {
      origins = registered;
      await restate();
    },
  };
}

export async function newKey(): Promise<Key> {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { ...(await importSigningKey(privateKey.export({ format: 'jwk' }) as never)), secret: privateKey };
}

function signed(header: object, claims: object, key: KeyObject): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${part(header)}.${part(claims)}`;
  return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`;
}

export interface Call {
  method?: string;
  path: string;
  /** Sent unchanged if it is text, otherwise as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  token?: string;
  /** Deviations of the proof from the request; null for no proof. */
  proof?: Partial<{ method: string; url: string; body: string; accessToken: string; nowMs: number }> | null;
  proofKey?: SigningKey;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown> & { code?: string; errors?: { path: string }[] };
}

/** Creates a client of the edge on `port` that signs each request, as a wallet does. */
export function client(world: EdgeWorld, port: number): (call: Call) => Promise<Answer> {
  return async ({
    method = 'POST',
    path,
    body,
    headers = {},
    token = world.token(),
    proof = {},
    proofKey,
  }) => {
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const url = publicUrl + path;
    const covered = method === 'GET' ? {} : { body: text ?? '' };
    const made =
      proof === null
        ? undefined
        : await makeProof(proofKey ?? world.wallet, {
            method,
            url,
            accessToken: token,
            nowMs: Date.now(),
            ...covered,
            ...proof,
          });
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: {
        ...(token === '' ? {} : { authorization: `${made === undefined ? 'Bearer' : 'DPoP'} ${token}` }),
        ...(made === undefined ? {} : { dpop: made }),
        ...(text === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(text === undefined ? {} : { body: text }),
    });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Answer['body'],
    };
  };
}
