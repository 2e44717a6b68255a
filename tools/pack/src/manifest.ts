import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT, type PackedPackage } from './packages.ts';

interface Manifest {
  name: string;
  version: string;
  description: string;
  license: string;
}

/** Returns the package.json of a tarball: it names no workspace of this repository. */
export async function manifestOf(
  name: string,
  { dependencies, exact = [], optionalDependencies = [], engines }: PackedPackage,
): Promise<Manifest & Record<string, unknown>> {
  const folder = join(ROOT, 'packages', name);
  const { name: published, version, description, license } = await readManifest(folder);
  return {
    name: published,
    version,
    description,
    license,
    type: 'module',
    sideEffects: false,
    engines,
    main: './index.cjs',
    module: './index.js',
    types: './index.d.ts',
    exports: {
      '.': {
        import: { types: './index.d.ts', default: './index.js' },
        require: { types: './index.d.cts', default: './index.cjs' },
      },
    },
    files: ['index.*', 'THIRD-PARTY-LICENSES.txt'],
    dependencies: await versionsOf(dependencies, exact),
    ...(optionalDependencies.length === 0
      ? {}
      : { optionalDependencies: await versionsOf(optionalDependencies, exact) }),
  };
}

async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** Returns the accepted versions. A program shares its copy, so any later minor version of most serves. */
async function versionsOf(
  dependencies: readonly string[],
  exact: readonly string[],
): Promise<Record<string, string>> {
  const versions: Record<string, string> = {};
  for (const dependency of dependencies) {
    const { version } = await readManifest(join(ROOT, 'node_modules', dependency));
    versions[dependency] = exact.includes(dependency) ? version : `^${version}`;
  }
  return versions;
}
