import * as z from 'zod';
import { ConfigurationError, readPrivateFile } from '@tallystick/config';
import { parseJson } from '../parse/parse.ts';

const key256 = z.string().transform((text, context) => {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length === 32) return bytes;
  context.addIssue({ code: 'custom', message: 'must be 32 bytes, base64url' });
  return z.NEVER;
});

const fieldKeys = z
  .strictObject({
    current: z.string().regex(/^[a-z0-9-]{1,32}$/),
    encryption: z.record(z.string().regex(/^[a-z0-9-]{1,32}$/), key256),
    fingerprint: key256,
  })
  .refine(({ current, encryption }) => current in encryption, {
    message: 'current names none of the encryption keys',
  });

/** Keys for data at rest: the current encryption key, older keys that still decrypt, and a key for fingerprints. */
export type FieldKeys = z.output<typeof fieldKeys>;

/** Reads field keys from a file that only its owner may read. */
export async function loadFieldKeys(file: string): Promise<FieldKeys> {
  const result = fieldKeys.safeParse(parseJson(await readPrivateFile(file)));
  if (result.success) return result.data;
  throw new ConfigurationError(
    `${file}: ${result.error.issues.map(({ path, message }) => `/${path.join('/')} ${message}`).join('; ')}`,
  );
}
