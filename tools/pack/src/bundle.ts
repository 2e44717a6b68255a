import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { ROOT, type PackedPackage } from './packages.ts';

const MODULE_OF_NODE = /(?<=["'])node:\w+(?=["'])/;

const formats = [
  { format: 'es', file: 'index.js' },
  { format: 'cjs', file: 'index.cjs' },
] as const;

/**
 * Bundles a package as an ES module and as a CommonJS module.
 * @returns the modules of other packages in the bundle, by their paths
 * @throws Error if a bundle for browsers imports a module of Node
 */
export async function bundle(
  name: string,
  { dependencies, runsInBrowsers }: PackedPackage,
  directory: string,
): Promise<string[]> {
  const isDependency = (id: string): boolean =>
    dependencies.some((dependency) => id === dependency || id.startsWith(`${dependency}/`));
  const graph = await rolldown({
    input: join(ROOT, 'packages', name, 'src', 'index.ts'),
    platform: runsInBrowsers ? 'neutral' : 'node',
    external: (id) => id.startsWith('node:') || isDependency(id),
    resolve: { conditionNames: ['@tallystick/source', 'import', 'default'] },
    treeshake: { moduleSideEffects: false },
  });
  const foreign = new Set<string>();
  try {
    for (const { format, file } of formats) {
      const { output } = await graph.write({ format, file: join(directory, file), comments: true });
      for (const chunk of output) {
        if (chunk.type !== 'chunk') continue;
        // `chunk.imports` also lists what the bundle leaves out.
        const ofNode = MODULE_OF_NODE.exec(chunk.code)?.[0];
        if (runsInBrowsers && ofNode !== undefined)
          throw new Error(`the bundle of ${name} imports ${ofNode}, which no browser has`);
        for (const module of Object.keys(chunk.modules))
          if (module.includes('/node_modules/')) foreign.add(module);
      }
    }
  } finally {
    await graph.close();
  }
  return [...foreign];
}
