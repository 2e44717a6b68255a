import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

/** Directory of the schemas: one per line, so that the diff of a new release shows its changes. */
export const SCHEMA_DIRECTORY = join(import.meta.dirname, '..', '..', 'schemas');

/** A kind of resource, or a definition that kinds refer to. */
export const schemaLine = z.strictObject({
  /** of a kind: `apps/v1/Deployment`; of a definition: its name in Kubernetes' own document */
  name: z.string(),
  schema: z.record(z.string(), z.unknown()),
});
export type SchemaLine = z.output<typeof schemaLine>;

/** Reads every schema of the project. */
export function readSchemas(): SchemaLine[] {
  return readdirSync(SCHEMA_DIRECTORY)
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => readFileSync(join(SCHEMA_DIRECTORY, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => schemaLine.parse(JSON.parse(line)));
}
