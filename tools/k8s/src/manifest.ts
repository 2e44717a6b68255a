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

/** A resource as it is sent to Kubernetes. What is not named here is read through the functions of this folder. */
export type Manifest = z.output<typeof resource>;

/** Reads the documents of a YAML stream; a fault of one of them is an Error that says where. */
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

/** A fault of a manifest: which rule it breaks, where, and what is to be done. */
export interface Violation {
  rule: string;
  resource: string;
  message: string;
}

/** A rule says in a message of its own what each resource does wrong. */
export interface Rule {
  name: string;
  /** for whoever meets it: what must hold, in a sentence */
  states: string;
  check(manifests: readonly Manifest[]): { on: Manifest; message: string }[];
}
