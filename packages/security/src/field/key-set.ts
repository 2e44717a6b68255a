import * as z from 'zod';
import { ConfigurationError, readPrivateFile } from '@tallystick/config';
import { parseJson } from '../parse/json.ts';

/** 256-bit keys by their ids: the current one encrypts or authenticates, the older ones still decrypt and find. */
export interface KeySet {
  current: string;
  keys: Readonly<Record<string, Buffer>>;
}

/** Keys for data at rest: those of encrypted fields and those of fingerprints. */
export interface FieldKeys {
  encryption: KeySet;
  fingerprint: KeySet;
}

/** The id of the fingerprint key of a {@link loadFieldKeys} file, in which it has none. */
export const IMPORTED_FINGERPRINT_KEY = 'imported';

const key256 = z.string().transform((text, context) => {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length === 32) return bytes;
  context.addIssue({ code: 'custom', message: 'must be 32 bytes, base64url' });
  return z.NEVER;
});
const keyId = z.string().regex(/^[a-z0-9-]{1,32}$/);
const keysById = z.record(keyId, key256);

const keyEncryptionKeys = z
  .strictObject({ current: keyId, keys: keysById })
  .refine(({ current, keys }) => current in keys, { message: 'current names none of the keys' });

const fieldKeys = z
  .strictObject({ current: keyId, encryption: keysById, fingerprint: key256 })
  .refine(({ current, encryption }) => current in encryption, {
    message: 'current names none of the encryption keys',
  });

/**
 * Reads key-encryption keys from a file that only its owner may read: `{"current": "2026-11", "keys": {"2026-11": "…"}}`,
 * each key 32 bytes, base64url.
 * @throws ConfigurationError that names the file, and never its content
 */
export function loadKeyEncryptionKeys(file: string): Promise<KeySet> {
  return load(file, keyEncryptionKeys);
}

/**
 * Reads field keys as earlier releases took them from a file; they are imported once.
 * @returns the keys, with {@link IMPORTED_FINGERPRINT_KEY} as the id of the fingerprint key
 * @throws ConfigurationError that names the file, and never its content
 */
export async function loadFieldKeys(file: string): Promise<FieldKeys> {
  const { current, encryption, fingerprint } = await load(file, fieldKeys);
  return {
    encryption: { current, keys: encryption },
    fingerprint: { current: IMPORTED_FINGERPRINT_KEY, keys: { [IMPORTED_FINGERPRINT_KEY]: fingerprint } },
  };
}

async function load<Schema extends z.ZodType>(file: string, schema: Schema): Promise<z.output<Schema>> {
  const result = schema.safeParse(parseJson(await readPrivateFile(file)));
  if (result.success) return result.data;
  throw new ConfigurationError(
    `${file}: ${result.error.issues.map(({ path, message }) => `/${path.join('/')} ${message}`).join('; ')}`,
  );
}
