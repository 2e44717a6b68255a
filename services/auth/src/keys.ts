import { API_AUDIENCE } from '@tallystick/contracts';
import {
  ACCESS_TOKEN_TYPE,
  ConfigurationError,
  importSigningKey,
  loadPrivateJwk,
  loadTrustAnchors,
  parseJson,
  publicPart,
  readPrivateFile,
  thumbprint,
  type SigningKey,
} from '@tallystick/security';
import type { JWK } from 'jose';
import * as z from 'zod';
import type { AuthConfig } from './config.ts';
import type { KeyRegistration, ProducerKey } from './domain/producer-key.ts';
import { readRegistrarCertificate } from './registrar-certificate.ts';

const cookieKeys = z.array(z.string().min(32)).min(1);

/** Every key that the service holds or pins. */
export interface Keys {
  /** Public root keys. */
  trustAnchors: JWK[];
  /** Signs this service's messages. */
  signing: SigningKey;
  /** Signs access and ID tokens; its `kid` is its RFC 7638 thumbprint. */
  token: JWK & { kid: string };
  /** Signs certificates and snapshots. */
  registrar: SigningKey;
  /** The root key's word for the registrar's key. */
  registrarCertificate: string;
  /** Sign cookies: the first signs, all verify. */
  cookies: string[];
}

/**
 * Reads the key files that the settings name.
 * @throws ConfigurationError for a file that is absent, open to others or of another form; never with its content
 */
export async function readKeys(config: AuthConfig): Promise<Keys> {
  const [trustAnchors, signing, token, registrar, cookies] = await Promise.all([
    loadTrustAnchors(config.TRUST_ANCHORS_FILE),
    loadPrivateJwk(config.SIGNING_KEY_FILE).then(importSigningKey),
    readTokenKey(config.TOKEN_KEY_FILE),
    loadPrivateJwk(config.REGISTRAR_KEY_FILE).then(importSigningKey),
    readCookieKeys(config.COOKIE_KEYS_FILE),
  ]);
  const certificateFile = config.REGISTRAR_CERTIFICATE_FILE;
  const registrarCertificate = await readRegistrarCertificate(certificateFile, registrar, trustAnchors);
  return { trustAnchors, signing, token, registrar, registrarCertificate, cookies };
}

/** What the token key is certified for: access tokens to the API, and no message. */
export function tokenKeyRegistration(token: Keys['token']): KeyRegistration {
  return {
    kid: token.kid,
    producerId: 'auth',
    publicJwk: publicPart(token) as ProducerKey['publicJwk'],
    use: 'sig',
    permissions: [{ topic: API_AUDIENCE, types: [ACCESS_TOKEN_TYPE] }],
    batch: false,
  };
}

async function readTokenKey(file: string): Promise<Keys['token']> {
  const key = await loadPrivateJwk(file);
  if (key.crv !== 'Ed25519') throw new ConfigurationError(`${file}: is not a key on Ed25519`);
  return { ...key, kid: await thumbprint(key) };
}

async function readCookieKeys(file: string): Promise<string[]> {
  const keys = cookieKeys.safeParse(parseJson(await readPrivateFile(file)));
  if (keys.success) return keys.data;
  throw new ConfigurationError(`${file}: is not a JSON array of strings of at least 32 characters`);
}
