import { register as released, type Register } from './register.ts';
import type { Permission } from './shapes/keys.ts';
import type { Party, ServiceName } from './topics.ts';

/** Returns exactly the message types that the signing key of a service may send: the permissions in its certificate. */
export function servicePermissions(service: ServiceName, register: Register = released): Permission[] {
  return permissionsOf(service, register);
}

/** Returns the message types that the key of a third party may be allowed to send. */
export function clientPermissions(register: Register = released): Permission[] {
  return permissionsOf('client', register);
}

/** Returns whether every permission is allowed for a third party. */
export function areForClients(asked: readonly Permission[], register: Register = released): boolean {
  const allowed = new Map(clientPermissions(register).map(({ topic, types }) => [topic, new Set(types)]));
  return asked.every(({ topic, types }) => types.every((type) => allowed.get(topic)?.has(type) === true));
}

function permissionsOf(party: Party, { messages }: Register): Permission[] {
  const types = new Map<string, string[]>();
  for (const { topic, type, from } of Object.values(messages))
    if (from.includes(party)) types.set(topic, [...(types.get(topic) ?? []), type]);
  return [...types].map(([topic, ofTopic]) => ({ topic, types: ofTopic }));
}
