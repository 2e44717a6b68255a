import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { program, SettingError, type ExitStatus } from '@tallystick/stack';
import { parseAllDocuments } from 'yaml';
import * as z from 'zod';
import type { SchemasFlags } from '../command.ts';
import { reduceCustom, reduceKubernetes } from '../schemas/reduce.ts';
import { SCHEMA_DIRECTORY, type SchemaLine } from '../schemas/schema-line.ts';

/** The kinds of Kubernetes that manifests may use; another is added here. */
const KINDS = [
  'v1/ConfigMap',
  'v1/Namespace',
  'v1/PersistentVolumeClaim',
  'v1/Secret',
  'v1/Service',
  'v1/ServiceAccount',
  'apps/v1/Deployment',
  'apps/v1/StatefulSet',
  'autoscaling/v2/HorizontalPodAutoscaler',
  'batch/v1/CronJob',
  'batch/v1/Job',
  'networking.k8s.io/v1/Ingress',
  'networking.k8s.io/v1/NetworkPolicy',
  'policy/v1/PodDisruptionBudget',
  'rbac.authorization.k8s.io/v1/Role',
  'rbac.authorization.k8s.io/v1/RoleBinding',
  'scheduling.k8s.io/v1/PriorityClass',
];

const definitionsDocument = z.object({ $defs: z.record(z.string(), z.record(z.string(), z.unknown())) });
const customResourceDefinition = z.object({
  kind: z.literal('CustomResourceDefinition'),
  spec: z.object({
    group: z.string(),
    names: z.object({ kind: z.string() }),
    versions: z.array(
      z.object({
        name: z.string(),
        served: z.boolean(),
        schema: z.object({ openAPIV3Schema: z.record(z.string(), z.unknown()) }),
      }),
    ),
  }),
});

/** Runs `tallystick k8s schemas`. */
export const schemas = program(async ({ kubernetes, crds }: SchemasFlags): Promise<ExitStatus> => {
  if (kubernetes === undefined && crds === undefined)
    throw new SettingError('--kubernetes or --crds: one of them must name an origin');
  mkdirSync(SCHEMA_DIRECTORY, { recursive: true });
  if (kubernetes !== undefined) {
    const { $defs } = definitionsDocument.parse(JSON.parse(readFileSync(kubernetes, 'utf8')));
    write('kubernetes.jsonl', reduceKubernetes($defs, KINDS));
  }
  if (crds !== undefined) write('operators.jsonl', customOf(crds));
  return 0;
});

function customOf(directory: string): SchemaLine[] {
  return readdirSync(directory)
    .filter((name) => /\.ya?ml$/.test(name))
    .flatMap((name) => parseAllDocuments(readFileSync(join(directory, name), 'utf8')))
    .map((document) => customResourceDefinition.parse(document.toJS()))
    .flatMap(reduceCustom)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function write(file: string, lines: readonly SchemaLine[]): void {
  writeFileSync(join(SCHEMA_DIRECTORY, file), `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
  process.stdout.write(`${file}: ${lines.length} schemas\n`);
}
