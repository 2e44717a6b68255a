import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packed, ROOT, type PackedName } from '../src/packages.ts';
import { run } from '../src/run.ts';

/** A project outside this repository, with a packed package as its dependency. */
export interface OutsideProject {
  directory: string;
  tarball: string;
  /** Runs a program of the project. @returns its output */
  runs(file: string, source: string): Promise<string>;
  /** Compiles sources of the project against the declarations of the package. @returns the complaints */
  compile(sources: readonly string[], compilerOptions?: object): Promise<string>;
  remove(): Promise<void>;
}

/** Packs a package and installs it from its tarball, without a network: its dependencies come from this repository. */
export async function installOutside(name: PackedName): Promise<OutsideProject> {
  const directory = await mkdtemp(join(tmpdir(), `tallystick-outside-${name}-`));
  // In a process of its own: the bundler does not accept objects of the test's realm.
  const packing = await run('tallystick', ['pack', name, '--to', directory, '--json'], ROOT);
  const tarball = (JSON.parse(packing) as { tarballs: Record<string, string> }).tarballs[name]!;
  await writeFile(join(directory, 'package.json'), JSON.stringify({ type: 'module', private: true }));
  const dependencies = await Promise.all(
    packed[name].dependencies.map(async (dependency) => {
      const folder = join(ROOT, 'node_modules', dependency);
      const output = await run('npm', ['pack', '--json', '--pack-destination', directory], folder);
      const [told] = Object.values(JSON.parse(output) as Record<string, { filename: string }>);
      return join(directory, told!.filename);
    }),
  );
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball, ...dependencies], directory);
  return {
    directory,
    tarball,
    async runs(file, source) {
      await writeFile(join(directory, file), source);
      return run('node', [file], directory);
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
