import {
  DECISIONS_AUDIENCE,
  messages,
  operations,
  services,
  type MessageDefinition,
  type OperationDefinition,
} from '@tallystick/contracts';
import { asyncApi, exampleOf, openApi, type JsonSchema } from '@tallystick/interfaces';

/** A request as the OpenAPI document shows it. */
export interface DocumentedRequest {
  name: string;
  operation: OperationDefinition;
  version: number;
  params: Record<string, string>;
  /** The body; `undefined` if the operation has none. */
  body: unknown;
  /** The schema of its successful answers, with the components that it refers to. */
  answer: JsonSchema;
}

/** A command as the AsyncAPI document shows it. */
export interface DocumentedCommand {
  name: string;
  definition: MessageDefinition;
  version: number;
  payload: Record<string, unknown>;
}

/** Every version of every operation. */
export const operationNames = Object.values(operations).flatMap(({ id, versions }) =>
  Object.keys(versions).map((version) => `${id} ${version}`),
);

/** Every version of every command on a topic. A decision travels as evidence inside another command. */
export const commandNames = Object.values(messages as Record<string, MessageDefinition>)
  .filter(({ kind, topic }) => kind === 'command' && topic !== DECISIONS_AUDIENCE)
  .flatMap(({ type, versions }) => Object.keys(versions).map((version) => `${type} ${version}`));

/** Reads the requests from the OpenAPI document of each service. */
export function documentedRequests(): DocumentedRequest[] {
  return services.flatMap((service) => {
    const document = openApi(undefined, service);
    const paths = document['paths'] as Record<string, Record<string, JsonSchema>>;
    return Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).flatMap(([method, documented]) => {
        const operation = Object.values(operations as Record<string, OperationDefinition>).find(
          (one) => one.service === service && isAt(one, method, path),
        );
        if (operation === undefined) return [];
        const version = Number(/^\/v(\d+)/.exec(path)![1]);
        const name = `${operation.id} ${version}`;
        const params = paramsOf(documented, document);
        const answer = answerOf(documented, operation, document);
        const bodies = bodiesOf(documented);
        return (bodies.length === 0 ? [undefined] : bodies).map((body) => ({
          name,
          operation,
          version,
          params,
          body,
          answer,
        }));
      }),
    );
  });
}

function isAt({ method, versions }: OperationDefinition, documented: string, path: string): boolean {
  return (
    method.toLowerCase() === documented && Object.values(versions).some((version) => version.path === path)
  );
}

function paramsOf(documented: JsonSchema, document: JsonSchema): Record<string, string> {
  const parameters = documented['parameters'] as { in: string; name: string; schema: JsonSchema }[];
  return Object.fromEntries(
    parameters
      .filter((parameter) => parameter.in === 'path')
      .map(({ name, schema }) => [name, String(exampleOf(resolved(schema, document)))]),
  );
}

function resolved(schema: JsonSchema, document: JsonSchema): JsonSchema {
  const pointer = schema['$ref'] as string | undefined;
  if (pointer === undefined) return schema;
  return pointer
    .slice(2)
    .split('/')
    .reduce<unknown>((part, name) => (part as JsonSchema)[name], document) as JsonSchema;
}

function answerOf(
  documented: JsonSchema,
  { successStatuses: [status] }: OperationDefinition,
  { components }: JsonSchema,
): JsonSchema {
  const responses = documented['responses'] as Record<
    string,
    { content: { 'application/json': { schema: JsonSchema } } }
  >;
  return { ...responses[status]!.content['application/json'].schema, components };
}

function bodiesOf(documented: JsonSchema): unknown[] {
  const body = documented['requestBody'] as
    { content: { 'application/json': { examples: Record<string, { value: unknown }> } } } | undefined;
  return Object.values(body?.content['application/json'].examples ?? {}).map(({ value }) => value);
}

/** Reads the commands from the AsyncAPI document. */
export function documentedCommands(): DocumentedCommand[] {
  const { messages: documented } = asyncApi()['components'] as { messages: Record<string, JsonSchema> };
  return Object.values(documented)
    .filter((message) => message['x-kind'] === 'command')
    .flatMap((message) => {
      const type = String(message['name']);
      const version = Number(message['x-version']);
      const definition = Object.values(messages as Record<string, MessageDefinition>).find(
        (one) => one.type === type,
      )!;
      return (message['examples'] as { payload: Record<string, unknown> }[]).map(({ payload }) => ({
        name: `${type} ${version}`,
        definition,
        version,
        payload,
      }));
    });
}
