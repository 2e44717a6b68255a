import { buildCommand } from '@stricli/core';
import { checkedBy, jsonFlag, oneOf, switchFlag } from '@tallystick/stack/command-line.ts';
import * as z from 'zod';
import { packedNames, type PackedName } from './packages.ts';

export interface PackFlags {
  to: string;
  acceptApi?: boolean;
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
      acceptApi: switchFlag('Keep the API as it is now, in packages/<package>/<package>.api.md'),
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
npm packs it. The API of a package is kept in packages/<package>/<package>.api.md; a change of it must be accepted.

Exit status: 0 if each package was packed, 1 if not, 2 for a wrong flag.`,
  },
});
