import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { services, type ServiceName } from '@tallystick/contracts';
import { program, SettingError, type ExitStatus } from '@tallystick/stack';
import type { SecretsFlags } from '../command.ts';
import { makeSecrets } from '../secrets/make-secrets.ts';
import { writeSecrets } from '../secrets/write-secrets.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');

const targets = {
  kubernetes: {
    directory: join(ROOT, 'infra/kubernetes/overlays/local/.tallystick'),
    databaseHost: () => 'postgres',
    withDemo: true,
    withCertificates: true,
  },
  compose: {
    directory: join(ROOT, 'infra/docker/.tallystick'),
    databaseHost: () => 'postgres',
    withDemo: true,
    withCertificates: false,
  },
  production: {
    directory: undefined,
    databaseHost: (service: ServiceName) => `${service}-db-rw`,
    withDemo: false,
    withCertificates: false,
  },
};

/** Runs `tallystick k8s secrets`. */
export const secrets = program(async (flags: SecretsFlags): Promise<ExitStatus> => {
  const target = targets[flags.for];
  const { databaseHost, withDemo, withCertificates } = target;
  const path = flags.directory ?? target.directory;
  if (path === undefined)
    throw new SettingError('--directory: must name a folder for the files of the vault');
  const directory = resolve(path);
  const files = await makeSecrets({
    databaseHost,
    withDemo,
    consoleOrigin: flags.console,
    withCertificates,
    nowMs: Date.now(),
  });
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
    `${Object.keys(files).length} files in ${directory}; move offline/ off this machine and keep it safe.\n`,
  );
  return 0;
});
