import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import { writeDeclarations } from './declarations.ts';
import { licensesOf } from './licenses.ts';
import { manifestOf } from './manifest.ts';
import { packed, ROOT, type PackedName, type PackedPackage } from './packages.ts';
import { run } from './run.ts';

/**
 * Packs a package with all workspaces behind it.
 * @param to folder for the tarball
 * @param options.acceptsApi whether its API may differ from the report in its folder, which is then written again
 * @returns the path of the tarball
 * @throws Error if the package does not compile, its API is not as reported, or a step fails
 */
export async function packPackage(
  name: PackedName,
  to: string,
  { acceptsApi }: { acceptsApi: boolean },
): Promise<string> {
  const definition: PackedPackage = packed[name];
  const directory = await mkdtemp(join(tmpdir(), `tallystick-pack-${name}-`));
  try {
    const modules = await bundle(name, definition, directory);
    await writeDeclarations(name, definition, directory, acceptsApi);
    await writeFile(join(directory, 'THIRD-PARTY-LICENSES.txt'), await licensesOf(modules));
    await copyFile(join(ROOT, 'packages', name, 'README.md'), join(directory, 'README.md'));
    await writeFile(
      join(directory, 'package.json'),
      `${JSON.stringify(await manifestOf(name, definition), null, 2)}\n`,
    );
    await mkdir(to, { recursive: true });
    const output = await run('npm', ['pack', '--json', '--pack-destination', to], directory);
    return join(to, tarballOf(output));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Returns the name of the tarball from the output of `npm pack --json`, a list, or from npm 12 on an object by name. */
function tarballOf(output: string): string {
  const told = Object.values(JSON.parse(output) as Record<string, { filename: string }>);
  return told[0]!.filename;
}
