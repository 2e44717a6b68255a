import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  certifyRegistrar,
  makePair,
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
                      is published by node runtime/operate.js publish-certificate
  --help              show this
`;

const schema = z.strictObject({
  root: z.string({ error: 'must name the file of the root key' }).min(1),
  directory: z.string({ error: 'must name a folder' }).min(1),
  revoke: z.string().min(1).optional(),
});

try {
  const { help, ...values } = readFlags();
  if (help) process.stdout.write(usage);
  else await run(values);
} catch (fault) {
  process.exitCode = reportFault(fault);
}

function readFlags(): { help?: boolean; root?: string; directory?: string; revoke?: string } {
  try {
    const text = { type: 'string' } as const;
    return parseArgs({ options: { root: text, directory: text, revoke: text, help: { type: 'boolean' } } })
      .values;
  } catch (error) {
    throw new SettingError(
      `${(error as Error).message.split('. ')[0]}; npm run k8s:registrar -- --help lists them`,
      { cause: error },
    );
  }
}

async function run(values: object): Promise<void> {
  const flags = schema.safeParse(values);
  if (!flags.success)
    throw new SettingError(
      flags.error.issues.map(({ path, message }) => `--${String(path[0])}: ${message}`).join('\n'),
    );
  const { root: rootFile, revoke } = flags.data;
  const directory = resolve(flags.data.directory);
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
