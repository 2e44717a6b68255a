import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { services, type ServiceName } from '@tallystick/contracts';
import { asksForHelp, readFlags, reportFault, SettingError } from '@tallystick/stack';
import * as z from 'zod';
import { makeSecrets } from './secrets/make-secrets.ts';
import { writeSecrets } from './secrets/write-secrets.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

const usage = `Usage: npm run k8s:secrets -- --for TARGET [options]

Makes the keys and passwords of a new installation: the root key and what it certifies, a signing key for each service,
keys of data at rest, passwords of databases, and auth's seed. Nothing of it is ever committed.

Options:
  --for TARGET        kubernetes: for the overlay "local", which makes Secrets of the files
                      compose: for infra/docker/compose.yaml, with an .env file beside it
                      production: to be put into a vault; with nobody in auth's seed but the services and the operator
                      The first two also let in the people of the demo, whose tools find all by stack.json
  --directory PATH    where they go (default: infra/kubernetes/overlays/local/.tallystick or infra/docker/.tallystick;
                      none for production)
  --help              show this

The folder must not be there yet: keys that something trusts are not written over.
`;

const targets = {
  kubernetes: {
    directory: join(ROOT, 'infra/kubernetes/overlays/local/.tallystick'),
    databaseHost: () => 'postgres',
    withDemo: true,
  },
  compose: {
    directory: join(ROOT, 'infra/docker/.tallystick'),
    databaseHost: () => 'postgres',
    withDemo: true,
  },
  production: {
    directory: undefined,
    databaseHost: (service: ServiceName) => `${service}-db-rw`,
    withDemo: false,
  },
};

const flagsSchema = z.strictObject({
  for: z.enum(['kubernetes', 'compose', 'production'], {
    error: 'must be kubernetes, compose or production',
  }),
  directory: z.string().min(1, 'must name a folder').optional(),
});

try {
  const args = process.argv.slice(2);
  if (asksForHelp(args)) process.stdout.write(usage);
  else
    await run(
      readFlags({ command: 'npm run k8s:secrets', schema: flagsSchema, texts: ['for', 'directory'] }, args),
    );
} catch (fault) {
  process.exitCode = reportFault(fault);
}

async function run(flags: z.output<typeof flagsSchema>): Promise<void> {
  const target = targets[flags.for];
  const { databaseHost, withDemo } = target;
  const path = flags.directory ?? target.directory;
  if (path === undefined) throw new SettingError('--directory: must name a folder to take to the vault');
  const directory = resolve(path);
  const files = await makeSecrets({ databaseHost, withDemo, nowMs: Date.now() });
  const { uid, gid } = writeSecrets(directory, files);
  if (flags.for === 'compose') {
    const settings = [
      `TALLYSTICK_USER=${uid}:${gid}`,
      `POSTGRES_PASSWORD=${files['postgres/administrator-password']}`,
      ...services.flatMap((service) => [
        `${service.toUpperCase()}_PASSWORD=${files[`postgres/${service}-password`]}`,
        `${service.toUpperCase()}_OWNER_PASSWORD=${files[`postgres/${service}-owner-password`]}`,
      ]),
    ];
    writeFileSync(join(directory, '..', '.env'), `${settings.join('\n')}\n`, { mode: 0o600 });
  }
  process.stdout.write(
    `${Object.keys(files).length} files in ${directory}; take offline/ off this machine, and keep it.\n`,
  );
}
