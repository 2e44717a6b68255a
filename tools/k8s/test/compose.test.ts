import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { migrationSettings, serviceSettings } from '../src/service-settings.ts';

const DOCKER = join(import.meta.dirname, '..', '..', '..', 'infra', 'docker');

interface ComposeService {
  image: string;
  ports?: string[];
  volumes?: string[];
  environment?: Record<string, unknown>;
  read_only?: boolean;
  user?: string;
  profiles?: string[];
}

const { services } = parse(readFileSync(join(DOCKER, 'compose.yaml'), 'utf8'), { merge: true }) as {
  services: Record<string, ComposeService>;
};

describe('compose', () => {
  test.each([...serviceSettings()])(
    'gives %s each required setting, and no unknown one',
    (name, settings) => {
      const given = Object.keys(services[name]!.environment!);
      // its image sets the port
      expect(given).toEqual(expect.arrayContaining(settings.required.filter((one) => one !== 'PORT')));
      const known = [...settings.required, ...settings.optional];
      expect(given.filter((one) => !known.includes(one))).toEqual([]);
    },
  );

  test.each([...serviceSettings().keys()])(
    'starts %s after its migration, which alone has the owner’s access',
    (name) => {
      const migration = services[`${name}-migration`]!;
      expect(services[name]).toMatchObject({
        depends_on: { [`${name}-migration`]: { condition: 'service_completed_successfully' } },
        environment: { MIGRATIONS: 'await' },
      });
      expect(migration).toMatchObject({ image: services[name]!.image, command: ['--migrate-only'] });
      const given = Object.keys(migration.environment!);
      expect(given).toEqual(expect.arrayContaining([...migrationSettings().required]));
      expect(migration.volumes).toEqual([`./.tallystick/${name}-migration:/run/tallystick:ro`]);
      expect(services[name]!.volumes).toEqual([`./.tallystick/${name}:/run/tallystick:ro`]);
    },
  );

  test('runs the services with a numeric user and a read-only file system', () => {
    for (const name of ['auth', 'account', 'card', 'payment'])
      expect(services[name]).toMatchObject({
        read_only: true,
        user: expect.stringContaining('TALLYSTICK_USER'),
      });
  });

  test('opens no port to other machines', () => {
    const open = Object.values(services).flatMap(({ ports = [] }) => ports);
    expect(open).not.toHaveLength(0);
    expect(open.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  test('mounts only files of the checkout, or of tallystick k8s secrets', () => {
    const paths = Object.values(services)
      .flatMap(({ volumes = [] }) => volumes.map((volume) => volume.split(':')[0]!))
      .filter((path) => path.startsWith('.') && !path.startsWith('./.tallystick/'));
    expect(paths).not.toHaveLength(0);
    expect(paths.filter((path) => !existsSync(join(DOCKER, path)))).toEqual([]);
  });

  test('keeps observability images in a separate profile', () => {
    const inProfile = Object.entries(services).filter(([, { profiles }]) =>
      profiles?.includes('observability'),
    );
    expect(inProfile.map(([name]) => name).toSorted()).toEqual(['collector', 'grafana', 'prometheus']);
  });
});
