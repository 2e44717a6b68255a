import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PrerequisiteError } from '@tallystick/stack';
import { parseManifests, type Manifest } from './manifest.ts';
import { makeSecrets } from './secrets/make-secrets.ts';
import { writeSecrets } from './secrets/write-secrets.ts';

const run = promisify(execFile);

export const KUBERNETES = join(import.meta.dirname, '..', '..', '..', 'infra', 'kubernetes');

/** Returns the names of the overlays. */
export function overlays(): string[] {
  return readdirSync(join(KUBERNETES, 'overlays'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

/**
 * Renders overlays as `kubectl apply -k` would, from a copy with its own keys. Keys of this machine are not read, and
 * need not exist.
 * @throws PrerequisiteError if there is neither kubectl nor kustomize
 * @throws Error with kustomize's own message if it refuses an overlay
 */
export async function renderOverlays(names: readonly string[]): Promise<Map<string, Manifest[]>> {
  const [command, ...args] = await findKustomize();
  const copy = await mkdtemp(join(tmpdir(), 'tallystick-kubernetes-'));
  try {
    await cp(KUBERNETES, copy, { recursive: true, filter: (path) => !path.endsWith('/.tallystick') });
    const secrets = await makeSecrets({
      databaseHost: () => 'postgres',
      withDemo: true,
      withCertificates: true,
      nowMs: Date.now(),
    });
    writeSecrets(join(copy, 'overlays/local/.tallystick'), secrets);
    const rendered = new Map<string, Manifest[]>();
    for (const name of names) {
      const { stdout } = await run(command!, [...args, join(copy, 'overlays', name)], { maxBuffer: 2 ** 26 });
      rendered.set(name, parseManifests(stdout));
    }
    return rendered;
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

async function findKustomize(): Promise<string[]> {
  for (const [command, version] of [
    [
      ['kubectl', 'kustomize'],
      ['version', '--client'],
    ],
    [['kustomize', 'build'], ['version']],
  ] as const) {
    try {
      await run(command[0], [...version]);
      return [...command];
    } catch {
      // Not installed: try the next.
    }
  }
  throw new PrerequisiteError('Overlays are rendered by kubectl or kustomize: install one of them.');
}
