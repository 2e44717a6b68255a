import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  asksForHelp,
  certifyRegistrar,
  makePair,
  readFlags,
  reportFault,
  revokeRegistrar,
  SettingError,
  type KeyPair,
} from '@tallystick/stack';
import { loadPrivateJwk, publicPart, thumbprint } from '@tallystick/security';
import * as z from 'zod';
import { REGISTRAR_LIFETIME_S } from './secrets/make-secrets.ts';

const usage = `Usage: npm run k8s:registrar -- --root FILE --directory PATH [--revoke FILE]

Makes the next registrar's key, and the root key's certificate of it, good for a year. To be run where the root key is.

Options:
  --root FILE         the root's private key, offline/root-key.jwk.json of the installation
  --directory PATH    where registrar-key.jwk.json and registrar.certificate go; the folder must not be there yet
  --revoke FILE       the registrar's key that is in other hands, private or public: revoked.certificate says so, and
                      is published by node runtime/admin.js publish-certificate
  --help              show this
`;

const schema = z.strictObject({
  root: z.string({ error: 'must name the file of the root key' }).min(1),
  directory: z.string({ error: 'must name a folder' }).min(1),
  revoke: z.string().min(1).optional(),
});

try {
  const args = process.argv.slice(2);
  if (asksForHelp(args)) process.stdout.write(usage);
  else
    await run(
      readFlags({ command: 'npm run k8s:registrar', schema, texts: ['root', 'directory', 'revoke'] }, args),
    );
} catch (fault) {
  process.exitCode = reportFault(fault);
}

async function run({ root: rootFile, directory: path, revoke }: z.output<typeof schema>): Promise<void> {
  const directory = resolve(path);
  if (existsSync(directory)) throw new SettingError(`--directory: ${directory} is there already`);
  const root = await pairIn(rootFile);
  const registrar = await makePair();
  const validity = { nowMs: Date.now(), lifetimeS: REGISTRAR_LIFETIME_S };
  const files: Record<string, string> = {
    'registrar-key.jwk.json': JSON.stringify(registrar.privateJwk),
    'registrar.certificate': await certifyRegistrar(root, registrar, validity),
  };
  if (revoke !== undefined) {
    const lost = publicPart(JSON.parse(readFileSync(revoke, 'utf8')) as KeyPair['publicJwk']);
    files['revoked.certificate'] = await revokeRegistrar(root, lost, validity);
  }
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(directory, name), `${text}\n`, { mode: 0o600 });
  process.stdout.write(`${Object.keys(files).join(', ')} in ${directory}\n`);
}

async function pairIn(file: string): Promise<KeyPair> {
  const privateJwk = (await loadPrivateJwk(file)) as KeyPair['privateJwk'];
  const publicJwk = publicPart(privateJwk);
  return { kid: await thumbprint(publicJwk), publicJwk, privateJwk };
}
