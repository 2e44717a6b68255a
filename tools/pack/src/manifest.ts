import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT, type PackedPackage } from './packages.ts';

interface Manifest {
  name: string;
  version: string;
  description: string;
  license: string;
  dependencies?: Record<string, string>;
}

/** Returns the package.json of a tarball: it names no workspace of this repository. */
export async function manifestOf(
  name: string,
  { dependencies, engines }: PackedPackage,
): Promise<Manifest & Record<string, unknown>> {
  const folder = join(ROOT, 'packages', name);
  const { version, description, license, ...own } = await readManifest(folder);
  const versions: Record<string, string> = {};
  for (const dependency of dependencies) {
    const exact = own.dependencies?.[dependency] ?? (await installedVersion(dependency));
    // A program shares its copy, so that its types are the same: any later minor version serves.
    versions[dependency] = `^${exact}`;
  }
  return {
    name: own.name,
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
    dependencies: versions,
  };
}

async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
}

async function installedVersion(dependency: string): Promise<string> {
  return (await readManifest(join(ROOT, 'node_modules', dependency))).version;
}
