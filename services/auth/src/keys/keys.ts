import { API_AUDIENCE, servicePermissions } from '@tallystick/contracts';
import { ConfigurationError, readPrivateFile, readSettingFile } from '@tallystick/config';
import {
  ACCESS_TOKEN_TYPE,
  loadPrivateJwk,
  loadSigningKey,
  parseJson,
  publicPart,
  thumbprint,
  type SigningKey,
} from '@tallystick/security';
import type { JWK } from 'jose';
import * as z from 'zod';
import type { AuthConfig } from '../config.ts';
import type { KeyRegistration, ProducerKey } from '../domain/producer-key.ts';
import { faultOfRegistrarCertificate } from './registrar-certificate.ts';

const cookieKeys = z.array(z.string().min(32)).min(1);

/** All keys that the service holds or pins. */
export interface Keys {
  /** Public root keys. */
  trustAnchors: JWK[];
  /** The key that signs access and ID tokens; its `kid` is its RFC 7638 thumbprint. */
  token: JWK & { kid: string };
  /** The key that signs messages. */
  signing: SigningKey;
  /** The key that signs certificates and snapshots. */
  registrar: SigningKey;
  /** The root key's certificate of the registrar's key. */
  registrarCertificate: string;
  /** The secrets of cookies: the first signs, all verify. */
  cookies: string[];
}

/** The key files and the pinned root keys. */
export type KeyFiles = Pick<
  AuthConfig,
  | 'TRUST_ANCHORS_FILE'
  | 'TOKEN_KEY_FILE'
  | 'SIGNING_KEY_FILE'
  | 'REGISTRAR_KEY_FILE'
  | 'REGISTRAR_CERTIFICATE_FILE'
  | 'COOKIE_KEYS_FILE'
>;

/**
 * Reads the keys, by their purpose.
 * @throws ConfigurationError if a file is absent, readable by others or malformed, or the registrar's key and
 * certificate do not match
 */
export async function loadKeys(files: KeyFiles): Promise<Keys> {
  const [token, signing, cookies, { registrar, registrarCertificate }] = await Promise.all([
    loadTokenKey(files.TOKEN_KEY_FILE),
    loadSigningKey(files.SIGNING_KEY_FILE),
    loadCookieKeys(files.COOKIE_KEYS_FILE),
    loadRegistrar(files),
  ]);
  return { trustAnchors: files.TRUST_ANCHORS_FILE, token, signing, registrar, registrarCertificate, cookies };
}

/**
 * Reads the registrar's key and its certificate.
 * @throws ConfigurationError if no pinned root key signed a valid certificate of this key
 */
export async function loadRegistrar({
  TRUST_ANCHORS_FILE: trustAnchors,
  REGISTRAR_KEY_FILE: keyFile,
  REGISTRAR_CERTIFICATE_FILE: certificateFile,
}: Pick<KeyFiles, 'TRUST_ANCHORS_FILE' | 'REGISTRAR_KEY_FILE' | 'REGISTRAR_CERTIFICATE_FILE'>): Promise<
  Pick<Keys, 'registrar' | 'registrarCertificate'>
> {
  const registrar = await loadSigningKey(keyFile);
  const registrarCertificate = (await readSettingFile(certificateFile)).trim();
  const fault = await faultOfRegistrarCertificate(registrarCertificate, registrar, trustAnchors);
  if (fault !== undefined) throw new ConfigurationError(fault);
  return { registrar, registrarCertificate };
}

/** Returns the registration of the token key: access tokens to the API, no messages. */
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

/** Returns the registration of the signing key: this service certifies its own. */
export function signingKeyRegistration({ kid, publicJwk }: SigningKey): KeyRegistration {
  return {
    kid,
    producerId: 'auth',
    publicJwk: publicJwk as ProducerKey['publicJwk'],
    use: 'sig',
    permissions: servicePermissions('auth'),
    batch: true,
  };
}

/**
 * Reads the private Ed25519 JWK that signs tokens.
 * @throws ConfigurationError if the file is absent, readable by others or malformed
 */
export async function loadTokenKey(file: string): Promise<Keys['token']> {
  const key = await loadPrivateJwk(file);
  if (key.crv !== 'Ed25519') throw new ConfigurationError(`${file}: is not a key on Ed25519`);
  return { ...key, kid: await thumbprint(key) };
}

/**
 * Reads the secrets of cookies.
 * @throws ConfigurationError if the file is absent, readable by others or malformed
 */
export async function loadCookieKeys(file: string): Promise<string[]> {
  const keys = cookieKeys.safeParse(parseJson(await readPrivateFile(file)));
  if (keys.success) return keys.data;
  throw new ConfigurationError(`${file}: is not a JSON array of strings of at least 32 characters`);
}
