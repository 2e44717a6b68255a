import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  certifyRegistrar,
  makePair,
  program,
  revokeRegistrar,
  SettingError,
  type ExitStatus,
  type KeyPair,
} from '@tallystick/stack';
import { loadPrivateJwk, publicPart, thumbprint } from '@tallystick/security';
import type { RegistrarFlags } from '../command.ts';
import { REGISTRAR_LIFETIME_S } from '../secrets/make-secrets.ts';

/** Runs `tallystick k8s registrar`. */
export const registrar = program(async (flags: RegistrarFlags): Promise<ExitStatus> => {
  const { root: rootFile, directory: path, revoke } = flags;
  const directory = resolve(path);
  if (existsSync(directory)) throw new SettingError(`--directory: ${directory} already exists`);
  const root = await pairIn(rootFile);
  const next = await makePair();
  const validity = { nowMs: Date.now(), lifetimeS: REGISTRAR_LIFETIME_S };
  const files: Record<string, string> = {
    'registrar-key.jwk.json': JSON.stringify(next.privateJwk),
    'registrar.certificate': await certifyRegistrar(root, next, validity),
  };
  if (revoke !== undefined) {
    const lost = publicPart(JSON.parse(readFileSync(revoke, 'utf8')) as KeyPair['publicJwk']);
    files['revoked.certificate'] = await revokeRegistrar(root, lost, validity);
  }
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(directory, name), `${text}\n`, { mode: 0o600 });
  process.stdout.write(`${Object.keys(files).join(', ')} in ${directory}\n`);
  return 0;
});

async function pairIn(file: string): Promise<KeyPair> {
  const privateJwk = (await loadPrivateJwk(file)) as KeyPair['privateJwk'];
  const publicJwk = publicPart(privateJwk);
  return { kid: await thumbprint(publicJwk), publicJwk, privateJwk };
}
