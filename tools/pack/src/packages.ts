import { join } from 'node:path';

/** The folder of this repository. */
export const ROOT = join(import.meta.dirname, '..', '..', '..');

/** How a package is packed. */
export interface PackedPackage {
  /** Modules that stay imports: a program shares its copy of them. All others are bundled. */
  dependencies: readonly string[];
  /** Those of them whose internals the package uses: only the tested version serves. */
  exact?: readonly string[];
  /** Modules that the package loads if they are installed. */
  optionalDependencies?: readonly string[];
  /** Whether its bundle must run in browsers, without a module of Node. */
  runsInBrowsers: boolean;
  engines: { node: string };
}

/** The packages that programs outside this repository use, by their folder. */
export const packed = {
  // The types of zod are those of the definitions.
  client: { dependencies: ['zod'], runsInBrowsers: true, engines: { node: '>=20' } },
  producer: {
    dependencies: ['@opentelemetry/api', 'kafkajs', 'pino', 'zod'],
    exact: ['kafkajs'],
    optionalDependencies: ['@node-rs/crc32', 'sodium-native'],
    runsInBrowsers: false,
    engines: { node: '>=20' },
  },
} as const satisfies Record<string, PackedPackage>;

export type PackedName = keyof typeof packed;
export const packedNames = Object.keys(packed) as PackedName[];
