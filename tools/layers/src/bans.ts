import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** An import that a layer must not contain, in the form of oxlint's `no-restricted-imports`. */
export interface Ban {
  /** A pattern of module names. */
  regex?: string;
  /** A module of which only some exports are banned. */
  name?: string;
  importNames?: readonly string[];
  allowTypeImports?: boolean;
  message: string;
  /** An import that the ban must catch. A test breaks each ban once, with this. */
  example: string;
}

/** Matches external modules and everything below them. */
const external = (...names: string[]): string => `^(${names.join('|')})(/|$)`;

export const otherWorkspaceByPath: Ban = {
  regex: '^(\\.\\./)+(packages|services|tools)/',
  message: 'Import another workspace by its name, through its public entry.',
  example: "import '../../../packages/contracts/src/index.ts';",
};

export const kafkajs: Ban = {
  regex: external('kafkajs'),
  message: 'Only packages/messaging and tools/stack may use kafkajs.',
  example: "import 'kafkajs';",
};

export const jose: Ban = {
  regex: external('jose'),
  allowTypeImports: true,
  message: 'Only packages/security may sign, verify, encrypt and decrypt.',
  example: "import { compactVerify } from 'jose';",
};

export const keysOfNode: Ban = {
  name: 'node:crypto',
  importNames: [
    'sign',
    'verify',
    'createSign',
    'createVerify',
    'createHmac',
    'createCipheriv',
    'createDecipheriv',
    'createPrivateKey',
    'createPublicKey',
    'createSecretKey',
    'generateKeyPair',
    'generateKeyPairSync',
    'diffieHellman',
    'hkdf',
    'hkdfSync',
    'scrypt',
    'pbkdf2',
    'webcrypto',
    'subtle',
  ],
  message: 'Only packages/security may sign, verify, encrypt and decrypt.',
  example: "import { createHmac } from 'node:crypto';",
};

export const transports: Ban = {
  regex: external('kafkajs', 'express', 'pg', 'kysely'),
  message: 'This layer must not depend on Kafka, Express or Postgres.',
  example: "import 'pg';",
};

export const nodeModules: Ban = {
  regex: '^node:',
  message: 'A domain must be free of clocks, randomness, input and output.',
  example: "import 'node:fs';",
};

export const outsideItsFolder: Ban = {
  regex: '^\\.\\./',
  message: 'A domain must not import modules outside its folder.',
  example: "import '../store/schema.ts';",
};

export const securityButTypes: Ban = {
  regex: '^@tallystick/security$',
  allowTypeImports: true,
  message: 'A domain may import only types from security.',
  example: "import { open } from '@tallystick/security';",
};

const root = join(import.meta.dirname, '..', '..', '..');

/** Returns the names of the workspaces in a folder of this repository. A folder in another language is none. */
export function workspacesIn(folder: 'packages' | 'services' | 'tools'): string[] {
  return readdirSync(join(root, folder)).filter((name) =>
    existsSync(join(root, folder, name, 'package.json')),
  );
}

/** The names of the workspaces of this repository. */
const workspaces: readonly string[] = (['packages', 'services', 'tools'] as const).flatMap(workspacesIn);

/** Bans all workspaces of this repository except some. */
export function workspacesBut(allowed: readonly string[], message: string): Ban {
  const banned = workspaces.filter((name) => !allowed.includes(name));
  return {
    regex: `^@tallystick/(${banned.join('|')})(/|$)`,
    message,
    example: banned.map((name) => `import '@tallystick/${name}';`).join('\n'),
  };
}

/** Bans folders of a service for another folder of it. */
export function rooms(names: readonly string[], message: string): Ban {
  return {
    regex: `^\\.\\./(${names.join('|')})/`,
    message,
    example: `import '../${names[0]}/anything.ts';`,
  };
}
