import { parseAllDocuments } from 'yaml';
import * as z from 'zod';

const labels = z.record(z.string(), z.string()).default({});

const resource = z.looseObject({
  apiVersion: z.string().min(1),
  kind: z.string().min(1),
  metadata: z.looseObject({
    name: z.string().min(1),
    namespace: z.string().optional(),
    labels,
    annotations: labels,
  }),
});

/** A resource as sent to Kubernetes. Other fields are read through the functions of this folder. */
export type Manifest = z.output<typeof resource>;

/** Parses the documents of a YAML stream; throws an Error with the position of the first fault. */
export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [fault] = document.errors;
    if (fault !== undefined) throw new Error(`not YAML: ${fault.message}`);
    const value: unknown = document.toJS();
    if (value === null) return [];
    const parsed = resource.safeParse(value);
    if (!parsed.success) throw new Error(`not a resource: ${z.prettifyError(parsed.error)}`);
    return [parsed.data];
  });
}

/** `Deployment tallystick/payment`. */
export function nameOf({ kind, metadata: { name, namespace } }: Manifest): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

/** A fault of a manifest: the violated rule, the resource, and the required change. */
export interface Violation {
  rule: string;
  resource: string;
  message: string;
}

/** A rule, which describes each violation in a separate message. */
export interface Rule {
  name: string;
  /** the required state, in one sentence, for a person who violates it */
  states: string;
  check(manifests: readonly Manifest[]): { on: Manifest; message: string }[];
}
