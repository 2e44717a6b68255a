import {
  errorCodes,
  isForOperators,
  operations,
  problem,
  scopes,
  services,
  type ErrorCode,
  type OperationDefinition,
  type OperationVersion,
  type ServiceName,
} from '@tallystick/contracts';
import * as z from 'zod';
import { exampleOf } from './example.ts';
import { jsonSchemaOf, sharedSchemas, withReferences, type JsonSchema } from './json-schema.ts';
import { errorsOf, errorsOfEveryRequest } from './operation-errors.ts';
import { requestHeaders, responseHeaders } from './http-headers.ts';

const SCHEMAS = '#/components/schemas/';

/** Titles of the services, as tags. */
export const serviceSummaries: Readonly<Record<ServiceName, string>> = {
  auth: 'Customers, clients, consents and the registry of message producers',
  account: 'Accounts, transfers, mandates and the ledger',
  card: 'Cards and their authorizations',
  payment: 'Payments from order to money moved',
  console: 'The console of operators and its audit',
};

/** The origins of the services in the documents. Each installation has its own. */
export interface Origins {
  /** The origin of a service. */
  of: (service: ServiceName) => string;
  issuer: string;
}

export const exampleOrigins: Origins = {
  of: (service) => `https://${service}.tallystick.example.com`,
  issuer: 'https://auth.tallystick.example.com',
};

/**
 * Derives the OpenAPI 3.1.1 document of a service, or of all services.
 * @param only the service; all if absent
 */
export function openApi(origins: Origins = exampleOrigins, only?: ServiceName): JsonSchema {
  const documented = only === undefined ? services : [only];
  const paths: Record<string, JsonSchema> = {};
  for (const operation of Object.values(operations)) {
    if (!documented.includes(operation.service)) continue;
    for (const [version, one] of Object.entries(operation.versions)) {
      const path = (paths[one.path] ??= { servers: [] });
      const servers = path['servers'] as JsonSchema[];
      const url = origins.of(operation.service);
      if (servers.every((server) => server['url'] !== url)) servers.push({ url });
      // Each service serves its own audit at the same path.
      path[operation.method.toLowerCase()] ??= operationObject(operation, Number(version), one);
    }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: only === undefined ? 'Tallystick' : `Tallystick ${only}`,
      version: newestDate(Object.values(operations).filter(({ service }) => documented.includes(service))),
      summary: only === undefined ? 'All HTTP interfaces' : serviceSummaries[only],
      description:
        'Generated from the contracts. Amounts are integers in the minor unit of their currency (ISO 4217). Errors are problem documents (RFC 9457). Requests that move money carry a DPoP proof (RFC 9449) with the claim `content_digest`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: documented.map((name) => ({ name, description: serviceSummaries[name] })),
    paths: newestFirst(paths),
    components: {
      schemas: { ...sharedSchemas(), Problem: withReferences(jsonSchemaOf(problem), SCHEMAS) },
      responses: commonFailures,
      securitySchemes: { oauth2: oauth2(origins) },
    },
  };
}

function operationObject(operation: OperationDefinition, version: number, one: OperationVersion): JsonSchema {
  const { id, service, summary, scope, proof, method, version: newest } = operation;
  const { deprecated } = one;
  return {
    operationId: version === newest ? id : `${id}.v${version}`,
    summary,
    tags: [service],
    ...(deprecated === undefined
      ? {}
      : {
          deprecated: true,
          description: `Use version ${deprecated.use}. This version is refused from ${deprecated.sunset}.`,
          'x-deprecated-since': deprecated.since,
          'x-sunset': deprecated.sunset,
        }),
    'x-since': one.since,
    'x-proof': proof,
    'x-objective': operation.objective,
    'x-for': isForOperators(operation) ? 'operators' : 'customers',
    security: [{ oauth2: [scope] }],
    parameters: [
      ...parametersIn('path', operation.params),
      ...parametersIn('query', operation.query),
      ...requestHeaders(operation),
    ],
    ...(method === 'GET' ? {} : requestBody(one)),
    responses: { ...successes(operation, version, one), ...failures(errorsOf(operation, version)) },
  };
}

function requestBody({ body, examples }: OperationVersion): JsonSchema {
  const schema = jsonSchemaOf(body);
  if (Object.keys((schema['properties'] ?? {}) as object).length === 0) return {};
  const isRequired = ((schema['required'] ?? []) as string[]).length > 0;
  return {
    requestBody: {
      required: isRequired,
      content: {
        'application/json': {
          schema: withReferences(schema, SCHEMAS),
          examples: Object.fromEntries(
            (examples ?? [exampleOf(schema)]).map((value, at) => [`example${at + 1}`, { value }]),
          ),
        },
      },
    },
  };
}

function successes(
  operation: OperationDefinition,
  version: number,
  { response }: OperationVersion,
): JsonSchema {
  const schema = withReferences(jsonSchemaOf(response), SCHEMAS);
  return Object.fromEntries(
    operation.successStatuses.map((status) => [
      String(status),
      {
        description: descriptions[status] ?? 'The answer',
        headers: responseHeaders(operation, version),
        content: { 'application/json': { schema } },
      },
    ]),
  );
}

const descriptions: Readonly<Record<number, string>> = {
  200: 'The answer',
  201: 'Created; with `Prefer: wait`, its outcome',
  202: 'Accepted; the outcome is at `Location`',
};

/** One answer for each status, with the codes that it may have. */
function failures(codes: readonly ErrorCode[]): JsonSchema {
  const byStatus = Map.groupBy(codes, (code) => errorCodes[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, those]) => {
      const failure = failureObject(those);
      const name = `Status${status}`;
      const isCommon = JSON.stringify(commonFailures[name]) === JSON.stringify(failure);
      return [String(status), isCommon ? { $ref: `#/components/responses/${name}` } : failure];
    }),
  );
}

function failureObject(codes: readonly ErrorCode[]): JsonSchema {
  return {
    description: codes.map((code) => `\`${code}\`: ${errorCodes[code].title}`).join('; '),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [
            { $ref: `${SCHEMAS}Problem` },
            { type: 'object', properties: { code: { type: 'string', enum: codes } } },
          ],
        },
      },
    },
  };
}

/** The errors that every operation answers alike, by the name of their component. */
const commonFailures: Readonly<Record<string, JsonSchema>> = Object.fromEntries(
  [...Map.groupBy(errorsOfEveryRequest, (code) => errorCodes[code].status)].map(([status, codes]) => [
    `Status${status}`,
    failureObject(codes),
  ]),
);

function parametersIn(place: 'path' | 'query', schema: z.ZodType): JsonSchema[] {
  const { properties = {}, required = [] } = jsonSchemaOf(schema) as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...field }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: withReferences(field, SCHEMAS),
  }));
}

function oauth2({ issuer }: Origins): JsonSchema {
  const words = Object.fromEntries(Object.entries(scopes).map(([scope, one]) => [scope, one.words]));
  const ofOperators = Object.fromEntries(
    Object.entries(scopes)
      .filter(([, { grantees }]) => (grantees as readonly string[]).includes('operator'))
      .map(([scope, one]) => [scope, one.words]),
  );
  return {
    type: 'oauth2',
    description:
      'Access tokens are bound to a key (RFC 9449). Requests have `Authorization: DPoP <token>` and a proof in `DPoP`.',
    flows: {
      authorizationCode: {
        authorizationUrl: `${issuer}/oauth/authorize`,
        tokenUrl: `${issuer}/oauth/token`,
        refreshUrl: `${issuer}/oauth/token`,
        scopes: words,
      },
      clientCredentials: { tokenUrl: `${issuer}/oauth/token`, scopes: ofOperators },
    },
  };
}

/** The date of the newest version of any operation. */
function newestDate(all: readonly OperationDefinition[]): string {
  return all
    .flatMap(({ versions }) => Object.values(versions).map(({ since }) => since))
    .reduce((newest, since) => (since > newest ? since : newest), '');
}

/** Sorts paths by their part behind the version, and versions from the newest. */
function newestFirst(paths: Record<string, JsonSchema>): Record<string, JsonSchema> {
  const parts = (path: string): [string, number] => {
    const [, version, rest] = /^\/v(\d+)(.*)$/.exec(path)!;
    return [rest!, Number(version)];
  };
  return Object.fromEntries(
    Object.entries(paths).sort(([one], [other]) => {
      const [[a, versionA], [b, versionB]] = [parts(one), parts(other)];
      if (a !== b) return a < b ? -1 : 1;
      return versionB - versionA;
    }),
  );
}
