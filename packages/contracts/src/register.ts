import * as z from 'zod';
import { authority, type AuthorityTable } from './authority.ts';
import * as access from './interfaces/access.ts';
import * as accounts from './interfaces/accounts.ts';
import * as audit from './interfaces/audit.ts';
import * as authorizations from './interfaces/authorizations.ts';
import * as cards from './interfaces/cards.ts';
import * as declaredContracts from './interfaces/declared-contracts.ts';
import * as holds from './interfaces/holds.ts';
import * as ledger from './interfaces/ledger.ts';
import * as mandates from './interfaces/mandates.ts';
import * as paymentMessages from './interfaces/payment-messages.ts';
import * as paymentMovements from './interfaces/payment-movements.ts';
import * as payments from './interfaces/payments.ts';
import * as producers from './interfaces/producers.ts';
import * as settings from './interfaces/settings.ts';
import * as transfers from './interfaces/transfers.ts';
import { confidentialFields } from './definitions/classification.ts';
import { lift, type MessageDefinition } from './definitions/message.ts';
import { liftBody, type OperationDefinition } from './definitions/operation.ts';
import { versionNumbers } from './definitions/version.ts';
import { listedTopic, OUTCOMES } from './topics.ts';
import { scopes, type ScopeDefinition } from './scopes.ts';

/** All interfaces. Permissions, Kafka rights, routes and subscriptions are derived from them. */
export interface Register {
  messages: Readonly<Record<string, MessageDefinition>>;
  operations: Readonly<Record<string, OperationDefinition>>;
  scopes: Readonly<Record<string, ScopeDefinition>>;
  authority: AuthorityTable;
}

const modules = {
  ...access,
  ...accounts,
  ...audit,
  ...authorizations,
  ...cards,
  ...declaredContracts,
  ...holds,
  ...ledger,
  ...mandates,
  ...paymentMessages,
  ...paymentMovements,
  ...payments,
  ...producers,
  ...settings,
  ...transfers,
};
type Modules = typeof modules;

type MessagesOf<M> = { [Name in keyof M as M[Name] extends MessageDefinition ? Name : never]: M[Name] };
type OperationsOf<M> = { [Name in keyof M as M[Name] extends OperationDefinition ? Name : never]: M[Name] };

/** Every message by its name in code: each message that a file in `interfaces/` exports. */
export const messages = pick((one) => 'type' in one && 'topic' in one) as MessagesOf<Modules>;

/** Every HTTP operation by its name in code: each operation that a file in `interfaces/` exports. */
export const operations = pick((one) => 'method' in one && 'path' in one) as OperationsOf<Modules>;

/** The register of this release. */
export const register: Register = defineRegister({ messages, operations, scopes, authority });

function pick(isOne: (value: object) => boolean): unknown {
  return Object.fromEntries(
    Object.entries(modules as Record<string, unknown>).filter(
      ([, value]) => typeof value === 'object' && value !== null && isOne(value),
    ),
  );
}

/**
 * Checks the consistency of a register, so that a faulty definition fails at the start and not during a payment.
 * Addresses are unique, outcomes and scopes exist, paths name their params, and the examples of each earlier version
 * can be lifted.
 * @throws Error that names the definition
 */
export function defineRegister(parts: Register): Register {
  const addresses = new Set<string>();
  const claim = (address: string): void => {
    if (addresses.has(address)) throw new Error(`${address} is defined twice`);
    addresses.add(address);
  };
  for (const { type, topic } of Object.values(parts.messages)) {
    claim(`${topic} ${type}`);
  }
  for (const message of Object.values(parts.messages)) {
    if (message.kind === 'event' && message.to.includes('client') !== (message.topic === OUTCOMES))
      throw new Error(`${message.type}: exactly the events to clients are on ${OUTCOMES}`);
    for (const outcome of message.outcomes) {
      const answer = Object.values(parts.messages).find(({ type }) => type === outcome);
      if (answer === undefined) throw new Error(`${message.type}: there is no event ${outcome}`);
      if (message.from.includes('client') && answer.topic !== OUTCOMES)
        throw new Error(`${message.type}: its sender does not read ${outcome}`);
    }
    checkVersions(message.type, message.versions, (version, data) =>
      message.data.decode(message.data.encode(lift(message, version, data) as never) as never),
    );
  }
  for (const operation of Object.values(parts.operations)) {
    claim(operation.id);
    for (const { path } of Object.values(operation.versions))
      claim(`${operation.service} ${operation.method} ${path}`);
    checkParams(operation);
    checkAuthority(operation, parts.authority);
    if (!Object.hasOwn(parts.scopes, operation.scope))
      throw new Error(`${operation.id}: there is no scope ${operation.scope}`);
    checkVersions(
      operation.id,
      Object.fromEntries(
        Object.entries(operation.versions).map(([number, one]) => [number, { ...one, data: one.body }]),
      ),
      (version, data) =>
        operation.body.decode(operation.body.encode(liftBody(operation, version, data) as never) as never),
    );
  }
  return parts;
}

function checkParams({ id, path, params }: OperationDefinition): void {
  const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).sort();
  const described = params instanceof z.ZodObject ? Object.keys(params.shape).sort() : [];
  if (named.join() !== described.join())
    throw new Error(`${id}: its path names {${named.join(', ')}}, its params {${described.join(', ')}}`);
}

/** An operation on an object names the roles that may do it, so that no route is open by oversight. */
function checkAuthority({ id, path }: OperationDefinition, table: AuthorityTable): void {
  if (path.includes('{') && (table[id] ?? []).length === 0)
    throw new Error(`${id}: the table of authority does not say who may do it`);
}

function checkVersions(
  name: string,
  versions: Readonly<
    Record<number, { data: MessageDefinition['data']; examples?: readonly unknown[] | undefined }>
  >,
  liftToNewest: (version: number, data: unknown) => unknown,
): void {
  for (const version of versionNumbers(versions)) {
    for (const example of versions[version]!.examples ?? []) {
      try {
        liftToNewest(version, versions[version]!.data.decode(example as never));
      } catch (cause) {
        const complaint = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
        throw new Error(`${name}, version ${version}: its example cannot be read and lifted: ${complaint}`, {
          cause,
        });
      }
    }
  }
}

const byAddress: ReadonlyMap<string, MessageDefinition> = new Map(
  Object.values(register.messages).map((one) => [`${one.topic} ${one.type}`, one] as const),
);

/**
 * Finds the message with this topic and type, or returns `undefined`.
 * @param topic without its prefix
 */
export function findMessage(topic: string, type: string): MessageDefinition | undefined {
  return byAddress.get(`${listedTopic(topic)} ${type}`);
}

/** Returns the names of all fields, of any message or operation, that must never be logged. */
export function confidentialFieldNames({ messages: all, operations: routes }: Register = register): string[] {
  const names = new Set<string>();
  const note = (schema: MessageDefinition['data']): void => {
    for (const name of confidentialFields(schema)) names.add(name);
  };
  for (const { versions } of Object.values(all)) for (const { data } of Object.values(versions)) note(data);
  for (const { versions } of Object.values(routes)) {
    for (const { body, response } of Object.values(versions)) {
      note(body);
      note(response);
    }
  }
  return [...names].sort();
}
