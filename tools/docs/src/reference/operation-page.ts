import {
  authority,
  errorCodes,
  isForOperators,
  scopes,
  type ErrorCode,
  type OperationDefinition,
  type OperationVersion,
  type Role,
} from '@tallystick/contracts';
import { errorsOf, jsonSchemaOf, type JsonSchema } from '@tallystick/interfaces';
import type { Page } from '../pages/page.ts';
import { fieldTable } from './fields.ts';
import { escaped, fenced, languageTabs, paragraphs, table, TABS_IMPORT } from './mdx.ts';
import { bodyExample, operationExamples } from './operation-examples.ts';

/** Returns the address of the page of an operation. */
export function operationSlug({ id, service }: Pick<OperationDefinition, 'id' | 'service'>): string {
  return `operations/${service}/${id.replace(`${service}.`, '').replaceAll('.', '-').replaceAll('_', '-')}`;
}

/** Writes the page of an operation. @param name its name in code */
export async function operationPage(name: string, operation: OperationDefinition): Promise<Page> {
  const { id, method, path, summary } = operation;
  const { curl, typescript, python, response } = await operationExamples(name, operation);
  const version = operation.versions[operation.version]!;
  return {
    slug: operationSlug(operation),
    title: id,
    description: `${method} ${path}: ${summary}`,
    format: 'mdx',
    body: paragraphs(
      TABS_IMPORT,
      `${escaped(summary)}.`,
      fenced('http', `${method} ${path}`),
      factTable(operation),
      '## Request',
      parameters(operation),
      bodyFields(version),
      '### Example',
      `\`TOKEN\` and \`PROOF\` are the access token and a new DPoP proof: see [signed requests](/guides/signed-requests/). In TypeScript and Python the client library makes both.`,
      languageTabs([
        { label: 'curl', block: fenced('sh', curl) },
        { label: 'TypeScript', block: fenced('ts', typescript) },
        { label: 'Python', block: fenced('python', python) },
      ]),
      '## Answer',
      fieldTable(jsonSchemaOf(version.response)),
      fenced('json', JSON.stringify(response, null, 2)),
      '## Errors',
      errorTable(operation),
      earlierVersions(operation),
    ),
  };
}

function factTable(operation: OperationDefinition): string {
  const { service, scope, proof, idempotent, successStatuses, version, versions, location } = operation;
  const roles = (authority as Readonly<Record<string, readonly Role[]>>)[operation.id];
  return table(
    ['property', 'value'],
    [
      ['service', `\`${service}\``],
      ['version', `${version}, since ${versions[version]!.since}`],
      ['scope', `\`${scope}\`: ${escaped(scopes[scope].words)}`],
      ['for', isForOperators(operation) ? 'operators' : 'customers'],
      ...(roles === undefined ? [] : [['may be called by', roles.map(roleName).join(', ')]]),
      [
        'proof',
        proof === 'dpop'
          ? 'DPoP proof with `content_digest`, the digest of the body'
          : 'DPoP proof of the token’s key',
      ],
      ...(idempotent ? [['idempotency', 'requires `Idempotency-Key`']] : []),
      ['success', successStatuses.map((status) => `\`${status}\``).join(', ')],
      ...(location === undefined ? [] : [['outcome', `at \`Location\`: \`/v${version}${location}\``]]),
    ],
  );
}

function roleName(role: Role): string {
  return role.replace('payee_agent', 'a third party with the payee’s mandate');
}

function parameters({ params, query }: OperationDefinition): string {
  const rows = (['path', 'query'] as const).flatMap((place) => {
    const schema = jsonSchemaOf(place === 'path' ? params : query);
    const required = (schema['required'] ?? []) as string[];
    return Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>).map(([name, one]) => [
      `\`${name}\``,
      place,
      place === 'path' || required.includes(name) ? 'yes' : 'no',
      escaped((one['description'] as string | undefined) ?? ''),
    ]);
  });
  return table(['parameter', 'in', 'required', 'meaning'], rows);
}

function bodyFields({ body }: OperationVersion): string {
  const fields = fieldTable(jsonSchemaOf(body));
  return fields === '' ? 'It has no body: send `{}`, or nothing with a GET.' : fields;
}

function errorTable(operation: OperationDefinition): string {
  const own = operation.errors;
  const others = errorsOf(operation, operation.version).filter((code) => !own.includes(code));
  const link = (code: ErrorCode): string => `[\`${code}\`](/errors/#${code})`;
  return paragraphs(
    table(
      ['code', 'status', 'meaning', 'what to do'],
      own.map((code) => [
        link(code),
        String(errorCodes[code].status),
        escaped(errorCodes[code].title),
        escaped(errorCodes[code].action),
      ]),
    ),
    `${own.length === 0 ? 'Those' : 'Also those'} of every request of its kind: ${others.map(link).join(', ')}.`,
  );
}

function earlierVersions(operation: OperationDefinition): string {
  return Object.entries(operation.versions)
    .filter(([number]) => Number(number) !== operation.version)
    .toReversed()
    .map(([number, version]) => {
      const { deprecated } = version;
      const example = bodyExample(operation, version);
      return paragraphs(
        `## Version ${number}`,
        fenced('http', `${operation.method} ${version.path}`),
        deprecated === undefined
          ? undefined
          : `Deprecated since ${deprecated.since}, refused from ${deprecated.sunset} with \`interface.retired\`. Use version ${deprecated.use}.`,
        fieldTable(jsonSchemaOf(version.body)),
        example === undefined ? undefined : fenced('json', JSON.stringify(example, null, 2)),
        `### Answer of version ${number}`,
        fieldTable(jsonSchemaOf(version.response)),
      );
    })
    .join('\n\n');
}
