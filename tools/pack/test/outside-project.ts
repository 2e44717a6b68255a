import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packed, ROOT, type PackedName } from '../src/packages.ts';
import { run } from '../src/run.ts';

/** The Node on which npm runs: another one than this repository installs, from version 20 on. */
const NODE = process.env['npm_node_execpath'] ?? 'node';

/** A project outside this repository, with a packed package as its dependency. */
export interface OutsideProject {
  directory: string;
  tarball: string;
  /** Runs a program of the project. @param input its argument, as JSON @returns its output */
  runs(file: string, source: string, input?: object): Promise<string>;
  /** Compiles sources of the project against the declarations of the package. @returns the complaints */
  compile(sources: readonly string[], compilerOptions?: object): Promise<string>;
  remove(): Promise<void>;
}

/**
 * Packs a package and installs it from its tarball, without a network and without optional dependencies. The others come
 * from this repository.
 */
export async function installOutside(name: PackedName): Promise<OutsideProject> {
  const directory = await mkdtemp(join(tmpdir(), `tallystick-outside-${name}-`));
  // In a process of its own: the bundler does not accept objects of the test's realm.
  const packing = await run('tallystick', ['pack', name, '--to', directory, '--json'], ROOT);
  const tarball = (JSON.parse(packing) as { tarballs: Record<string, string> }).tarballs[name]!;
  await writeFile(join(directory, 'package.json'), JSON.stringify({ type: 'module', private: true }));
  const folders = await foldersOf(packed[name].dependencies);
  const packs = ['pack', ...folders, '--json', '--ignore-scripts', '--pack-destination', directory];
  const told = Object.values(
    JSON.parse(await run('npm', packs, ROOT)) as Record<string, { filename: string }>,
  );
  const dependencies = told.map(({ filename }) => join(directory, filename));
  const flags = ['--offline', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...flags, tarball, ...dependencies], directory);
  return {
    directory,
    tarball,
    async runs(file, source, input = {}) {
      await writeFile(join(directory, file), source);
      return run(NODE, [file, JSON.stringify(input)], directory);
    },
    async compile(sources, compilerOptions = {}) {
      const folder = await mkdtemp(join(directory, 'compiled-'));
      const files = sources.map((_, at) => `source-${at}.ts`);
      await Promise.all(sources.map((source, at) => writeFile(join(folder, files[at]!), source)));
      const options = {
        target: 'es2024',
        lib: ['es2024', 'dom', 'dom.asynciterable'],
        types: [],
        module: 'nodenext',
        strict: true,
        exactOptionalPropertyTypes: true,
        noEmit: true,
        ...compilerOptions,
      };
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files }));
      return run('tsc', ['-p', folder], directory).catch((error: unknown) => (error as Error).message);
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Returns the folders of packages and of all that they depend on. */
async function foldersOf(names: readonly string[]): Promise<string[]> {
  const folders = new Set<string>();
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const folder = join(ROOT, 'node_modules', name);
    if (folders.has(folder)) continue;
    folders.add(folder);
    const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
      dependencies?: Record<string, string>;
    };
    waiting.push(...Object.keys(manifest.dependencies ?? {}));
  }
  return [...folders];
}
