import { buildCommand } from '@stricli/core';
import { jsonFlag, switchFlag } from '@tallystick/stack/command-line.ts';

export interface GenerateFlags {
  check?: boolean;
  json?: boolean;
}

export const generateCommand = buildCommand<GenerateFlags>({
  loader: async () => (await import('./generate.ts')).generate,
  parameters: {
    flags: { check: switchFlag('Write nothing; status 1 if a file is not up to date'), json: jsonFlag },
  },
  docs: {
    brief: 'Write every generated file',
    fullDescription: `Writes docs/settings.md from the schemas of settings, the lint rules of .oxlintrc.json from the tables of tools/layers,
and from packages/contracts the Kafka topics and users of infra/kubernetes, the documents of docs/interfaces
(OpenAPI, AsyncAPI, JSON Schema, deprecated versions) and docs/errors.md.`,
  },
});
