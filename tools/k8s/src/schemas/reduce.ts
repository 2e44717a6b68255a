import type { SchemaLine } from './schema-line.ts';

type Schema = Record<string, unknown>;

/** Keywords that do not restrict values, or that only an API server can evaluate. */
const SILENT = new Set(['description', 'format', 'default', 'example', 'externalDocs', 'title', 'nullable']);

/**
 * Extracts the schemas of some kinds, and all that they refer to, from Kubernetes' definitions.
 * @param definitions `$defs` of a strict `_definitions.json`
 * @param kinds e.g. `apps/v1/Deployment`
 * @throws Error for a kind that the definitions do not contain
 */
export function reduceKubernetes(
  definitions: Record<string, Schema>,
  kinds: readonly string[],
): SchemaLine[] {
  const lines = new Map<string, SchemaLine>();
  const take = (name: string): void => {
    if (lines.has(name)) return;
    const schema = definitions[name];
    if (schema === undefined) throw new Error(`there is no definition ${name}`);
    const line = { name, schema: withoutNull(clean(schema)) as Schema };
    lines.set(name, line);
    for (const to of refsOf(line.schema)) take(to);
  };
  const roots = kinds.map((kind) => {
    const root = Object.keys(definitions).find((name) => kindOf(definitions[name]!) === kind);
    if (root === undefined) throw new Error(`there is no kind ${kind}`);
    take(root);
    return { name: kind, schema: { $ref: root } };
  });
  return [...roots, ...lines.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Returns the schemas of a CustomResourceDefinition's served versions, closed to unknown fields, which an API server
 * prunes.
 */
export function reduceCustom(crd: {
  spec: {
    group: string;
    names: { kind: string };
    versions: { name: string; served: boolean; schema: { openAPIV3Schema: Schema } }[];
  };
}): SchemaLine[] {
  const { group, names, versions } = crd.spec;
  return versions
    .filter(({ served }) => served)
    .map(({ name, schema: { openAPIV3Schema: root } }) => {
      const { status: _status, ...properties } = (root['properties'] ?? {}) as Record<string, Schema>;
      return {
        name: `${group}/${name}/${names.kind}`,
        schema: closed({ ...root, properties: { ...properties, metadata: { type: 'object' } } }, 'metadata'),
      };
    });
}

function kindOf(schema: Schema): string | undefined {
  const properties = (schema['properties'] ?? {}) as Record<string, { enum?: string[] }>;
  const [version] = properties['apiVersion']?.enum ?? [];
  const [kind] = properties['kind']?.enum ?? [];
  return version === undefined || kind === undefined ? undefined : `${version}/${kind}`;
}

function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, one]) => !isSilent(name, one))
      .map(([name, one]) => [
        name,
        name === '$ref' ? String(one).replace(/^.*#\/\$defs\//, '') : cleanChild(name, one),
      ]),
  );
}

/** Below `properties`, names are those of fields, which may be called `description` or `default`. */
function cleanChild(name: string, value: unknown): unknown {
  if (name !== 'properties') return clean(value);
  return Object.fromEntries(Object.entries(value as Schema).map(([field, schema]) => [field, clean(schema)]));
}

function isSilent(name: string, value: unknown): boolean {
  return (SILENT.has(name) && typeof value !== 'object') || name === 'default' || name.startsWith('x-');
}

/** Removes null from the allowed types: a rendered manifest contains none. */
function withoutNull(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNull);
  if (typeof value !== 'object' || value === null) return value;
  const { type, oneOf, ...rest } = value as Schema;
  return {
    ...(Object.fromEntries(Object.entries(rest).map(([name, one]) => [name, withoutNull(one)])) as Schema),
    ...(type === undefined
      ? {}
      : { type: Array.isArray(type) ? type.find((one) => one !== 'null') : withoutNull(type) }),
    ...(oneOf === undefined ? {} : { anyOf: withoutNull(oneOf) }),
  };
}

function refsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(refsOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => (name === '$ref' ? [String(one)] : refsOf(one)));
}

function closed(schema: Schema, ...open: string[]): Schema {
  if (schema['x-kubernetes-int-or-string'] === true) return { type: ['integer', 'string'] };
  const keepsUnknown = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const result: Schema = {};
  for (const [name, value] of Object.entries(schema)) {
    if (isSilent(name, value)) continue;
    if (name === 'properties')
      result[name] = Object.fromEntries(
        Object.entries(value as Record<string, Schema>).map(([field, one]) => [
          field,
          open.includes(field) ? one : closed(one),
        ]),
      );
    else if (name === 'items' || (name === 'additionalProperties' && typeof value === 'object'))
      result[name] = closed(value as Schema);
    else result[name] = clean(value);
  }
  const isClosed =
    result['type'] === 'object' && result['properties'] !== undefined && !('additionalProperties' in result);
  return isClosed && !keepsUnknown ? { ...result, additionalProperties: false } : result;
}
