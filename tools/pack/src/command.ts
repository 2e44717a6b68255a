import { buildCommand } from '@stricli/core';
import { checkedBy, jsonFlag, oneOf } from '@tallystick/stack/command-line.ts';
import * as z from 'zod';
import { packedNames, type PackedName } from './packages.ts';

export interface PackFlags {
  to: string;
  json?: boolean;
}

export const packCommand = buildCommand<PackFlags, PackedName[]>({
  loader: async () => (await import('./main.ts')).pack,
  parameters: {
    flags: {
      to: {
        kind: 'parsed',
        parse: checkedBy(z.string().min(1, 'must name a folder')),
        placeholder: 'path',
        brief: 'Folder for the tarballs',
        default: '.tallystick/packages',
      },
      json: jsonFlag,
    },
    positional: {
      kind: 'array',
      parameter: {
        parse: oneOf(packedNames, 'package to pack'),
        proposeCompletions: () => packedNames,
        placeholder: 'package',
        brief: 'Pack only these; by default all',
      },
    },
  },
  docs: {
    brief: 'Pack a client library for programs outside this repository',
    fullDescription: `Bundles the package with the workspaces behind it: an ES module, a CommonJS module and one declaration of types. Then
npm packs it.

Exit status: 0 if each package was packed, 1 if not, 2 for a wrong flag.`,
  },
});
