import { readFlags } from '@tallystick/stack';
import * as z from 'zod';
import { overlays } from './render.ts';

export const usage = `Usage: npm run k8s:check [-- options]

Renders each overlay of infra/kubernetes, checks it against the schemas of Kubernetes and of the operators (a field that
is not known is a fault), and holds it to the rules of the project. Also checks that what is made from packages/contracts
is up to date. Needs kubectl or kustomize, and no cluster.

Options:
  --overlay NAME      only this one; may be given several times
  --rules             list the rules, and check nothing
  --json              print one JSON object on stdout
  --help              show this

The exit status is 0 if nothing was found, 1 if something was, 2 for a wrong option.
`;

const flagsSchema = z.strictObject({
  overlay: z
    .array(z.string())
    .default([])
    .transform((names) => (names.length === 0 ? overlays() : [...new Set(names)]))
    .refine((names) => names.every((name) => overlays().includes(name)), {
      error: () => `must be one of ${overlays().join(', ')}`,
    }),
  rules: z.boolean().default(false),
  json: z.boolean().default(false),
  help: z.boolean().default(false),
});

export type Flags = z.output<typeof flagsSchema>;

/**
 * Reads the flags of `npm run k8s:check`.
 * @throws SettingError that names the flag
 */
export function parseFlags(args: readonly string[]): Flags {
  return readFlags(
    {
      command: 'npm run k8s:check',
      schema: flagsSchema,
      lists: ['overlay'],
      switches: ['rules', 'json', 'help'],
    },
    args,
  );
}
