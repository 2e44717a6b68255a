import { createECDH, createPrivateKey, hash } from 'node:crypto';
import {
  API_AUDIENCE,
  clientPermissions,
  servicePermissions,
  type CertificateClaims,
  type Permission,
} from '@tallystick/contracts';
import {
  ACCESS_TOKEN_TYPE,
  certificateDigest,
  importDecryptionKey,
  importSigningKey,
  Keyring,
  signCertificate,
  signSnapshot,
  type DecryptionKey,
  type SigningKey,
} from '@tallystick/security';

/** The time of every mutation: a seed gives the same texts at any time. */
export const NOW_MS = Date.UTC(2026, 10, 29, 12);
export const NOW_S = NOW_MS / 1_000;

/** DER of a private key on Ed25519 and on X25519 (RFC 8410) before its 32 bytes. */
const EDWARDS_PREFIX = '302e020100300506032b657004220420';
const X25519_PREFIX = '302e020100300506032b656e04220420';

/** The keys of a small world in which the texts are genuine. */
export interface Keys {
  keyring: Keyring;
  /** Third parties: on Ed25519, and on P-256. */
  edwards: SigningKey;
  nist: SigningKey;
  /** A service that may sign batches. */
  service: SigningKey;
  token: SigningKey;
  /** Decrypts what is confidential to the card service. */
  card: DecryptionKey;
  /** Clients, to whose keys tokens are bound. */
  wallet: SigningKey;
  nistWallet: SigningKey;
}

/** Makes the keys of a seed, and a keyring that trusts them. */
export async function makeKeys(seed: number): Promise<Keys> {
  const key = (name: string): Promise<SigningKey> => edwardsKey(`${seed} ${name}`);
  const [root, registrar, edwards, service, token, wallet] = await Promise.all(
    ['root', 'registrar', 'edwards', 'service', 'token', 'wallet'].map(key),
  );
  const [nist, nistWallet] = await Promise.all(
    ['nist', 'nist wallet'].map((name) => nistKey(`${seed} ${name}`)),
  );
  const keyring = await Keyring.create({ trustAnchors: [root!.publicJwk], now: () => NOW_MS });
  const own = claimsFor(registrar!, 'auth', [{ topic: 'auth.keys.v1', types: ['certificate', 'snapshot'] }]);
  await keyring.take(await signCertificate({ ...own, role: 'registrar' }, root!));
  const certified: [SigningKey, CertificateClaims][] = [
    [edwards!, claimsFor(edwards!, 'acme', clientPermissions())],
    [nist!, claimsFor(nist!, 'shop', clientPermissions())],
    [service!, { ...claimsFor(service!, 'payment', servicePermissions('payment')), batch: true }],
    [token!, claimsFor(token!, 'auth', [{ topic: API_AUDIENCE, types: [ACCESS_TOKEN_TYPE] }])],
  ];
  const certificates: Record<string, string> = {};
  for (const [{ kid }, claims] of certified) {
    const certificate = await signCertificate(claims, registrar!);
    certificates[kid] = certificateDigest(certificate);
    await keyring.take(certificate);
  }
  await keyring.take(
    await signSnapshot({ version: 1, iat: NOW_S, exp: NOW_S + 3_600, certificates }, registrar!),
  );
  return {
    keyring,
    edwards: edwards!,
    nist: nist!,
    service: service!,
    token: token!,
    card: await importDecryptionKey(privateJwk(X25519_PREFIX, `${seed} card`)),
    wallet: wallet!,
    nistWallet: nistWallet!,
  };
}

function claimsFor({ publicJwk }: SigningKey, sub: string, permissions: Permission[]): CertificateClaims {
  const jwk = publicJwk as CertificateClaims['cnf']['jwk'];
  return {
    sub,
    iat: NOW_S - 60,
    nbf: NOW_S - 3_600,
    exp: NOW_S + 86_400,
    cnf: { jwk },
    use: 'sig',
    role: 'producer',
    permissions,
    status: 'active',
  };
}

function edwardsKey(name: string): Promise<SigningKey> {
  return importSigningKey(privateJwk(EDWARDS_PREFIX, name));
}

function privateJwk(prefix: string, name: string): Parameters<typeof importSigningKey>[0] {
  const der = Buffer.concat([Buffer.from(prefix, 'hex'), hash('sha256', name, 'buffer')]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return key.export({ format: 'jwk' }) as Parameters<typeof importSigningKey>[0];
}

function nistKey(name: string): Promise<SigningKey> {
  const pair = createECDH('prime256v1');
  pair.setPrivateKey(hash('sha256', name, 'buffer'));
  const point = pair.getPublicKey();
  const [x, y, d] = [point.subarray(1, 33), point.subarray(33), pair.getPrivateKey()].map((bytes) =>
    bytes.toString('base64url'),
  );
  return importSigningKey({ kty: 'EC', crv: 'P-256', x: x!, y: y!, d: d! });
}
