import {
  currencies,
  errorCodes,
  isForOperators,
  register,
  topics,
  type AuthorityTable,
  type ErrorCode,
  type Lifetime,
  type MessageDefinition,
  type OperationDefinition,
  type OperationVersion,
  type Register,
  type Role,
} from '@tallystick/contracts';
import { requestHeaders } from '../http-headers.ts';
import { markedSchemaOf } from '../json-schema.ts';
import { errorsOf } from '../operation-errors.ts';
import { wireSchemas } from '../wire-schemas.ts';
import type { Contracts, MessageContract, OperationContract } from './contracts.ts';
import { propertiesOf } from './schema-parts.ts';

const JSON_TYPE = 'application/json';
const PROBLEM_TYPE = 'application/problem+json';

/** Derives the contracts of the definitions in code, in the form of a release that nothing precedes. */
export function currentContracts(date: string, all: Register = register): Contracts {
  return {
    date,
    operations: operationContracts(Object.values(all.operations), all.authority),
    messages: messageContracts(Object.values(all.messages), all.authority),
    topics: sortedByKey(
      Object.entries(topics).map(([name, { owner, cleanup, partitions }]) => [
        name,
        { owner, cleanup, partitions },
      ]),
    ),
    errors: sortedByKey(
      (Object.keys(errorCodes) as ErrorCode[]).map((code) => {
        const { status, retry } = errorCodes[code];
        return [code, { status, retry }];
      }),
    ),
    minorUnits: { ...currencies },
    wire: wireSchemas(),
    reserved: { interfaces: [], paths: [], topics: [], errors: [], fields: [] },
  };
}

/** Derives the contracts of operations, by id and version. */
export function operationContracts(
  operations: readonly OperationDefinition[],
  authority: AuthorityTable,
): Contracts['operations'] {
  return sortedByKey(
    operations.flatMap((operation) =>
      Object.entries(operation.versions).map(([version, one]): [string, OperationContract] => [
        `${operation.id}@${version}`,
        operationContract(operation, Number(version), one, authority[operation.id]),
      ]),
    ),
  );
}

/** Derives the contracts of messages, by type and version. */
export function messageContracts(
  messages: readonly MessageDefinition[],
  authority: AuthorityTable,
): Contracts['messages'] {
  return sortedByKey(
    messages.flatMap((message) =>
      Object.entries(message.versions).map(([version, one]): [string, MessageContract] => [
        `${message.type}@${version}`,
        { ...messageContract(message, authority), data: markedSchemaOf(one.data), ...lifetimeOf(one) },
      ]),
    ),
  );
}

function operationContract(
  operation: OperationDefinition,
  version: number,
  one: OperationVersion,
  roles: readonly Role[] = [],
): OperationContract {
  const { service, method, scope, proof, idempotent, params, query, successStatuses } = operation;
  const body = markedSchemaOf(one.body);
  const hasBody = method !== 'GET' && Object.keys(propertiesOf(body)).length > 0;
  return {
    service,
    method,
    path: one.path,
    callers: isForOperators(operation) ? 'operators' : 'clients',
    scope,
    proof,
    idempotent,
    headers: requestHeaders(operation)
      .filter(({ required }) => required === true)
      .map(({ name }) => String(name))
      .sort(),
    params: markedSchemaOf(params),
    query: markedSchemaOf(query),
    body,
    response: markedSchemaOf(one.response),
    mediaTypes: { request: hasBody ? [JSON_TYPE] : [], response: [JSON_TYPE, PROBLEM_TYPE] },
    successStatuses: [...successStatuses].sort((a, b) => a - b),
    location: operation.location === undefined ? null : `/v${version}${operation.location}`,
    authority: [...roles].sort(),
    errors: errorsOf(operation, version).sort(),
    ...lifetimeOf(one),
  };
}

function messageContract(
  message: MessageDefinition,
  table: AuthorityTable,
): Omit<MessageContract, 'data' | 'since' | 'deprecated'> {
  const { kind, topic, key, from, to, lifetimeS, outcomes, classification } = message;
  return {
    kind,
    topic,
    key,
    from: [...from].sort(),
    to: [...to].sort(),
    lifetimeS,
    outcomes: [...outcomes].sort(),
    classification,
    authority: kind === 'command' ? [...(table[message.type] ?? [])].sort() : [],
  };
}

function lifetimeOf({ since, deprecated }: Lifetime): Pick<MessageContract, 'since' | 'deprecated'> {
  return { since, ...(deprecated === undefined ? {} : { deprecated: { ...deprecated } }) };
}

function sortedByKey<T>(entries: readonly [string, T][]): Record<string, T> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}
