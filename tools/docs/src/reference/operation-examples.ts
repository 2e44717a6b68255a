import { operationPath, type OperationDefinition, type OperationVersion } from '@tallystick/contracts';
import { exampleOf, exampleOrigins, jsonSchemaOf } from '@tallystick/interfaces';
import { format } from 'prettier';
import { pythonLiteral, typescriptLiteral } from './literals.ts';

/** How long the examples wait for the outcome of a payment, in seconds. */
const WAIT_S = 10;

/** The same request in each language. */
export interface OperationExamples {
  curl: string;
  typescript: string;
  python: string;
  /** Its body in the wire form; `undefined` if it has none. */
  body: unknown;
  response: unknown;
}

/**
 * Makes an example of the newest version of an operation from its contract.
 * @param name the name of the operation in code
 */
export async function operationExamples(
  name: string,
  operation: OperationDefinition,
): Promise<OperationExamples> {
  const version = operation.versions[operation.version]!;
  const params = exampleOf(jsonSchemaOf(operation.params)) as Record<string, string>;
  const body = bodyExample(operation, version);
  const parts = { name, operation, params, body };
  return {
    curl: curlExample(parts),
    typescript: await typescriptExample(parts),
    python: pythonExample(parts),
    body,
    response: exampleOf(jsonSchemaOf(version.response)),
  };
}

/** Returns an example of the body of a version, in its wire form; `undefined` if it has none. */
export function bodyExample({ method }: OperationDefinition, { body, examples }: OperationVersion): unknown {
  const schema = jsonSchemaOf(body);
  const hasFields = Object.keys((schema['properties'] ?? {}) as object).length > 0;
  return method === 'GET' || !hasFields ? undefined : (examples?.[0] ?? exampleOf(schema));
}

interface ExampleParts {
  name: string;
  operation: OperationDefinition;
  params: Record<string, string>;
  body: unknown;
}

function waits({ successStatuses }: OperationDefinition): boolean {
  return successStatuses.includes(202) && successStatuses.includes(201);
}

function curlExample({ operation, params, body }: ExampleParts): string {
  const url = exampleOrigins.of(operation.service) + operationPath(operation, params);
  const headers = [
    '"Authorization: DPoP $TOKEN"',
    '"DPoP: $PROOF"',
    ...(operation.idempotent ? ['"Idempotency-Key: $(uuidgen)"'] : []),
    ...(operation.method === 'POST' ? ["'Content-Type: application/json'"] : []),
    ...(waits(operation) ? [`'Prefer: wait=${WAIT_S}'`] : []),
  ];
  const data = operation.method === 'POST' ? JSON.stringify(body ?? {}) : undefined;
  return [
    `curl ${operation.method === 'GET' ? '' : `--request ${operation.method} `}'${url}'`,
    ...headers.map((header) => `--header ${header}`),
    ...(data === undefined ? [] : [`--data-raw '${data.replaceAll("'", String.raw`'\''`)}'`]),
  ].join(' \\\n  ');
}

async function typescriptExample({ name, operation, params, body }: ExampleParts): Promise<string> {
  const { service, method, idempotent } = operation;
  const options = [
    ...(Object.keys(params).length === 0 ? [] : [`params: ${typescriptLiteral(params, params)}`]),
    ...(body === undefined ? [] : [`body: ${typescriptLiteral(body, operation.body.decode(body as never))}`]),
    ...(idempotent ? ["idempotencyKey: 'order-1001'"] : []),
    ...(waits(operation) ? [`waitS: ${WAIT_S}`] : []),
  ];
  const call = options.length === 0 ? '' : `, { ${options.join(', ')} }`;
  const list = method === 'GET' ? itemsOf(operation) : undefined;
  return format(
    `import { Client, operations, type Access } from '@tallystick/client';

declare const access: Access;
const client = new Client({ services: { ${service}: '${exampleOrigins.of(service)}' }, access });
${
  list === undefined
    ? `const { status, body } = await client.call(operations.${name}${call});\nconsole.log(status, body);`
    : `for await (const item of client.list(operations.${name}${call})) {\n  console.log(item);\n}`
}`,
    { parser: 'typescript', singleQuote: true, printWidth: 90 },
  );
}

/** Returns the field with the items of a list; `undefined` if the operation is none. */
function itemsOf({ response }: OperationDefinition): string | undefined {
  const properties = (jsonSchemaOf(response)['properties'] ?? {}) as Record<string, { type?: string }>;
  if (!('nextCursor' in properties)) return undefined;
  return Object.keys(properties).find((name) => properties[name]!.type === 'array');
}

function pythonExample({ operation, params, body }: ExampleParts): string {
  const { service, method } = operation;
  const origin = service.toUpperCase();
  const path = operationPath(operation, params);
  const options = [
    `"${method}"`,
    `${origin} + "${path}"`,
    ...(body === undefined ? [] : [pythonLiteral(body, 1)]),
    ...(operation.idempotent ? ['idempotency_key="order-1001"'] : []),
    ...(waits(operation) ? [`wait_s=${WAIT_S}`] : []),
  ];
  const call =
    options.length === 2
      ? `client.call(${options.join(', ')})`
      : `client.call(\n${options.map((option) => `    ${option},\n`).join('')})`;
  return `from tallystick.http import Client

${origin} = "${exampleOrigins.of(service)}"


def example(client: Client) -> None:
    answer = ${call.replaceAll('\n', '\n    ')}
    print(answer)
`;
}
