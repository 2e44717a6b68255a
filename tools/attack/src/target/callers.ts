import { powerOf, scopes, type Scope } from '@tallystick/contracts';
import { ApiClient } from '@tallystick/demo';
import { decode, signJws } from '../forge/jws.ts';
import type { World } from './world.ts';

/** Clients with one scope each, by world. */
const callers = new WeakMap<World, Map<string, Promise<ApiClient>>>();

/** Whether customers get a scope. */
export function isOfCustomers(scope: Scope): boolean {
  return (scopes[scope].grantees as readonly string[]).includes('customer');
}

/**
 * Returns a client of the victim, or of operators, whose token has one scope or none. Auth gives such tokens, but a
 * sign-in for each scope would take minutes: a full token is cut to one scope with auth's key.
 */
export function callerWith(world: World, scope: Scope | ''): Promise<ApiClient> {
  const known = callers.get(world) ?? new Map<string, Promise<ApiClient>>();
  callers.set(world, known);
  const caller = known.get(scope) ?? makeCaller(world, scope);
  known.set(scope, caller);
  return caller;
}

async function makeCaller({ victim, operators, authKeys }: World, scope: Scope | ''): Promise<ApiClient> {
  const { services, dpopKey, accessToken } =
    scope === '' || isOfCustomers(scope) ? victim.client : operators.with(powerOf(scope)!);
  const claims = { ...decode(accessToken, 1), scope };
  return new ApiClient(services, await signJws(decode(accessToken, 0), claims, authKeys.token), dpopKey);
}
