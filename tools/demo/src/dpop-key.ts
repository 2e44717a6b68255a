import { generateKeyPairSync } from 'node:crypto';
import { importSigningKey } from '@tallystick/security';

/** Generates a key for DPoP, known only to the client. */
export async function newDpopKey(): ReturnType<typeof importSigningKey> {
  const { privateKey } = generateKeyPairSync('ed25519');
  return importSigningKey(privateKey.export({ format: 'jwk' }) as Parameters<typeof importSigningKey>[0]);
}
