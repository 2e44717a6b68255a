import { mkdirSync, writeFileSync } from 'node:fs';
import { generateKeyPair, randomBytes, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { importSigningKey, publicPart, signCertificate, thumbprint } from '@tallystick/security';

type Jwk = Parameters<typeof importSigningKey>[0];

/** A key pair made for this run; the private half lies in a file that only its owner may read. */
export interface GeneratedKey {
  kid: string;
  publicJwk: Jwk;
  privateJwk: Jwk;
  file: string;
}

const generate = promisify(generateKeyPair) as unknown as (
  type: 'ed25519' | 'x25519',
) => Promise<{ publicKey: KeyObject; privateKey: KeyObject }>;

const CERTIFICATE_LIFETIME_S = 30 * 86_400;

/** Makes keys into a directory. Nothing in it outlives the stack, and nothing of it is committed. */
export class KeyMaker {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  /** A signing key (Ed25519) or an encryption key (X25519). */
  async key(name: string, type: 'ed25519' | 'x25519' = 'ed25519'): Promise<GeneratedKey> {
    const { privateKey } = await generate(type);
    const privateJwk = privateKey.export({ format: 'jwk' }) as Jwk;
    const publicJwk = publicPart(privateJwk);
    const kid = await thumbprint(publicJwk);
    return {
      kid,
      publicJwk,
      privateJwk,
      file: this.secret(`${name}.jwk.json`, JSON.stringify({ ...privateJwk, kid })),
    };
  }

  /** Writes a file that only its owner may read. @returns its path */
  secret(name: string, content: string): string {
    const path = join(this.directory, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }

  /** The keys of data at rest, and the secrets of cookies. */
  fieldKeys(): string {
    const random = (): string => randomBytes(32).toString('base64url');
    return this.secret(
      'field-keys.json',
      JSON.stringify({ current: 'k1', encryption: { k1: random() }, fingerprint: random() }),
    );
  }

  cookieKeys(): string {
    return this.secret('cookie-keys.json', JSON.stringify([randomBytes(32).toString('base64url')]));
  }
}

/** The root key's certificate of the registrar's key. */
export async function certifyRegistrar(
  root: GeneratedKey,
  registrar: GeneratedKey,
  nowMs: number,
): Promise<string> {
  const nowS = Math.floor(nowMs / 1000);
  return signCertificate(
    {
      sub: 'auth',
      iat: nowS,
      nbf: nowS - 60,
      exp: nowS + CERTIFICATE_LIFETIME_S,
      cnf: { jwk: registrar.publicJwk as { kty: 'OKP'; crv: 'Ed25519'; x: string } },
      use: 'sig',
      role: 'registrar',
      permissions: [{ topic: 'auth.keys.v1', types: ['certificate', 'snapshot'] }],
      status: 'active',
    },
    await importSigningKey(root.privateJwk),
  );
}
