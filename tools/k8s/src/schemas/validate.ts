import { Ajv2020 } from 'ajv/dist/2020.js';
import { nameOf, type Manifest, type Violation } from '../manifest.ts';
import { readSchemas } from './schema-line.ts';

/** Checks a resource against the schema of its kind; an unknown field is a fault. */
export type Validate = (manifest: Manifest) => Violation[];

/** Creates a validator with the schemas of the project, each compiled at the first resource of its kind. */
export function createValidator(): Validate {
  const ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    inlineRefs: false,
    code: { regExp: Object.assign(regExpOfGo, { code: 'regExpOfGo' }) },
  });
  /** name of each kind's schema */
  const schemaOf = new Map<string, string>();
  for (const { name, schema } of readSchemas()) {
    const { $ref } = schema;
    schemaOf.set(name, typeof $ref === 'string' ? $ref : name);
    if ($ref === undefined) ajv.addSchema(schema, name);
  }
  return (manifest) => {
    const name = `${manifest.apiVersion}/${manifest.kind}`;
    const violation = (message: string): Violation => ({
      rule: 'schema',
      resource: nameOf(manifest),
      message,
    });
    const schema = schemaOf.get(name);
    if (schema === undefined)
      return [violation(`no schema for ${name}; npx tallystick k8s schemas imports it`)];
    const validate = ajv.getSchema<Manifest>(schema)!;
    if (validate(manifest)) return [];
    const messages = (validate.errors ?? [])
      // a failed alternative is reported by the faults within it
      .filter(({ keyword }) => keyword !== 'anyOf' && keyword !== 'oneOf')
      .map(({ instancePath, message, params }) => {
        const unknown = (params as { additionalProperty?: string }).additionalProperty;
        return unknown === undefined
          ? `${instancePath || '/'} ${message}`
          : `${instancePath}/${unknown} is not a field of ${name}`;
      });
    return [...new Set(messages)].map(violation);
  };
}

/** Translates operators' patterns, which are written for Go and allow a flag within a pattern. */
function regExpOfGo(pattern: string, flags: string): RegExp {
  const ignoresCase = pattern.includes('(?i)');
  return new RegExp(pattern.replace('(?i)', ''), ignoresCase ? `${flags}i` : flags);
}
