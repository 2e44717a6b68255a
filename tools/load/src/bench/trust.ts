import { generateKeyPairSync } from 'node:crypto';
import { clientPermissions, servicePermissions, type CertificateClaims } from '@tallystick/contracts';
import {
  certificateDigest,
  importSigningKey,
  Keyring,
  publicPart,
  signCertificate,
  signSnapshot,
  type SigningKey,
} from '@tallystick/security';

type Jwk = Parameters<typeof importSigningKey>[0];

const DAY_S = 86_400;

/** The trusted senders of the bench: a third party with orders, and the payment service with events. */
export interface Trust {
  keyring: Keyring;
  producer: { id: string; key: SigningKey };
  service: { id: 'payment'; key: SigningKey };
}

/** Generates keys from the root down, and a keyring with their certificates. */
export async function makeTrust(): Promise<Trust> {
  const [root, registrar, producer, service] = await Promise.all([newKey(), newKey(), newKey(), newKey()]);
  const certificates = await Promise.all([
    certify(root!.key, registrar!.key, { sub: 'auth', role: 'registrar', permissions: [] }),
    certify(registrar!.key, producer!.key, {
      sub: 'acme',
      role: 'producer',
      permissions: clientPermissions(),
    }),
    certify(registrar!.key, service!.key, {
      sub: 'payment',
      role: 'producer',
      permissions: servicePermissions('payment'),
      batch: true,
    }),
  ]);
  const keyring = await Keyring.create({ trustAnchors: [root!.key.publicJwk] });
  const nowS = Math.floor(Date.now() / 1000);
  const snapshot = await signSnapshot(
    {
      version: 1,
      iat: nowS,
      exp: nowS + DAY_S,
      certificates: {
        [producer!.key.kid]: certificateDigest(certificates[1]),
        [service!.key.kid]: certificateDigest(certificates[2]),
      },
    },
    registrar!.key,
  );
  for (const record of [...certificates, snapshot]) await keyring.take(record);
  if (keyring.find(producer!.key.kid) === undefined)
    throw new Error('the keyring did not accept the certificates');
  return {
    keyring,
    producer: { id: 'acme', key: producer!.key },
    service: { id: 'payment', key: service!.key },
  };
}

async function newKey(): Promise<{ key: SigningKey; jwk: Jwk }> {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }) as Jwk;
  return { key: await importSigningKey(jwk), jwk };
}

function certify(
  signer: SigningKey,
  key: SigningKey,
  claims: Pick<CertificateClaims, 'sub' | 'role' | 'permissions' | 'batch'>,
): Promise<string> {
  const nowS = Math.floor(Date.now() / 1000);
  return signCertificate(
    {
      ...claims,
      iat: nowS - DAY_S,
      nbf: nowS - DAY_S,
      exp: nowS + DAY_S,
      cnf: { jwk: publicPart(key.publicJwk) as CertificateClaims['cnf']['jwk'] },
      use: 'sig',
      status: 'active',
    },
    signer,
  );
}
