import { breakKinds, type Break } from './break-kinds.ts';
import { type Contracts, type MessageContract, type OperationContract } from './contracts.ts';
import { callersOf, readersOf, wireReadersOf } from './parties.ts';
import { schemaChanges, type SchemaChange } from './schema-changes.ts';
import type { JsonSchema } from '../json-schema.ts';

type Reserved = Contracts['reserved'];

/** Names that were released and are gone: those of earlier releases, and those that these contracts leave out. */
export function reservedNames(base: Contracts, current: Contracts): Reserved {
  const [was, is] = [namesOf(base), namesOf(current)];
  const left = (kind: keyof Reserved): string[] => {
    const now = new Set(is[kind]);
    const before =
      kind === 'fields' ? removedFields(base, current) : was[kind].filter((name) => !now.has(name));
    return [...new Set([...base.reserved[kind], ...before])].sort();
  };
  return {
    interfaces: left('interfaces'),
    paths: left('paths'),
    topics: left('topics'),
    errors: left('errors'),
    fields: left('fields'),
  };
}

/** Lists the names that were released once, are gone, and now mean something else. */
export function reusedNames(base: Contracts, current: Contracts): Break[] {
  const reserved = reservedNames(base, current);
  const reused = (kind: keyof Reserved, name: string): boolean => reserved[kind].includes(name);
  const operations = Object.entries(current.operations).flatMap(([address, one]) => {
    const isNew = base.operations[address] === undefined;
    const [name, version] = split(address);
    return [
      ...(isNew && reused('interfaces', `operation ${address}`) ? ['the version was released before'] : []),
      ...(isNew && reused('paths', pathOf(one)) ? [`${pathOf(one)} was released before`] : []),
    ].map((detail) => breakOf(`operation ${name}`, version, '', detail, callersOf(one)));
  });
  const messages = Object.entries(current.messages).flatMap(([address, one]) => {
    const [name, version] = split(address);
    return base.messages[address] === undefined && reused('interfaces', `message ${address}`)
      ? [breakOf(`message ${name}`, version, '', 'the version was released before', readersOf(one))]
      : [];
  });
  const topics = Object.keys(current.topics)
    .filter((name) => base.topics[name] === undefined && reused('topics', name))
    .map((name) =>
      breakOf(`topic ${name}`, null, '', 'the topic was released before', `the readers of ${name}`),
    );
  const errors = Object.keys(current.errors)
    .filter((code) => base.errors[code] === undefined && reused('errors', code))
    .map((code) => breakOf(`error ${code}`, null, '', 'the code was released before', 'clients'));
  const fields = eachChange(base, current).flatMap(({ what, address, change, hurts }) => {
    const [name, version] = split(address);
    return change.what === 'field' &&
      change.before === undefined &&
      base.reserved.fields.includes(`${what} ${address} ${change.at}`)
      ? [breakOf(`${what} ${name}`, version, change.at, 'the field was released before', hurts)]
      : [];
  });
  return [...operations, ...messages, ...topics, ...errors, ...fields];
}

function breakOf(name: string, version: number | null, field: string, detail: string, hurts: string): Break {
  return {
    interface: name,
    version,
    field,
    kind: 'name.reused',
    detail,
    hurts,
    instead: breakKinds['name.reused'],
  };
}

function namesOf({
  operations,
  messages,
  topics,
  errors,
}: Contracts): Omit<Reserved, 'fields'> & { fields: string[] } {
  return {
    interfaces: [
      ...Object.keys(operations).map((address) => `operation ${address}`),
      ...Object.keys(messages).map((address) => `message ${address}`),
    ],
    paths: Object.values(operations).map(pathOf),
    topics: Object.keys(topics),
    errors: Object.keys(errors),
    fields: [],
  };
}

/** Parameters are named in braces; another name leaves the path the same. */
function pathOf({ service, method, path }: OperationContract): string {
  return `${service} ${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`;
}

function removedFields(base: Contracts, current: Contracts): string[] {
  return eachChange(base, current)
    .filter(({ change }) => change.what === 'field' && change.after === undefined)
    .map(({ what, address, change }) => `${what} ${address} ${change.at}`);
}

/** A change of one schema of an interface that is in both. */
export interface InterfaceChange {
  what: 'message' | 'operation' | 'wire';
  address: string;
  change: SchemaChange;
  hurts: string;
}

/** Lists the differences of the schemas of all interfaces that are in both. */
export function eachChange(base: Contracts, current: Contracts): InterfaceChange[] {
  return [
    ...ofAll('operation', base.operations, current.operations, operationSchemas, callersOf),
    ...ofAll('message', base.messages, current.messages, ({ data }) => ({ '/data': data }), readersOf),
    ...Object.entries(base.wire).flatMap(([address, before]) =>
      schemaChanges(before, current.wire[address] ?? before, '').map((change) => ({
        what: 'wire' as const,
        address,
        change,
        hurts: wireReadersOf(address),
      })),
    ),
  ];
}

function operationSchemas({ params, query, body, response }: OperationContract): Record<string, JsonSchema> {
  return { '/params': params, '/query': query, '/body': body, '/response': response };
}

function ofAll<Contract extends MessageContract | OperationContract>(
  what: 'message' | 'operation',
  base: Record<string, Contract>,
  current: Record<string, Contract>,
  schemasOf: (contract: Contract) => Record<string, JsonSchema>,
  hurtBy: (contract: Contract) => string,
): InterfaceChange[] {
  return Object.entries(base).flatMap(([address, before]) => {
    const after = current[address];
    if (after === undefined) return [];
    const later = schemasOf(after);
    return Object.entries(schemasOf(before)).flatMap(([at, schema]) =>
      schemaChanges(schema, later[at]!, at).map((change) => ({
        what,
        address,
        change,
        hurts: hurtBy(before),
      })),
    );
  });
}

/** A format on the wire has no version. */
function split(address: string): [string, number | null] {
  const at = address.lastIndexOf('@');
  if (at === -1) return [address, null];
  return [address.slice(0, at), Number(address.slice(at + 1))];
}
