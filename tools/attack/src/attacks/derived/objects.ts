import { createHash, randomBytes } from 'node:crypto';
import { idPrefixes, newId, type IdPrefix } from '@tallystick/contracts';
import type { ApiClient } from '@tallystick/demo';
import { verdict, type Attack, type Verdict } from '../../attack.ts';
import { ask, shown, type Answer } from '../../http/ask.ts';
import { leastBody } from '../../http/bodies.ts';
import { routeOf } from '../../http/refused.ts';
import { callerWith } from '../../target/callers.ts';
import type { World } from '../../target/world.ts';
import { parametersOf, routesOf, type Route } from './operations.ts';

/** Refusals of a caller who may not know whether there is an object. */
const HIDING = /^(404 \S+\.not_found|403 token\.scope_insufficient)$/;

/**
 * Every operation with a path parameter, on an object of the victim, by another customer and by a client of operators.
 * The answer must be the one for an object that does not exist, to the letter.
 */
export const objectAttacks: readonly Attack[] = routesOf()
  .filter((route) => parametersOf(route).length > 0)
  .map((route) => ({
    name: `objects.${route.name}`,
    on: routeOf(route.operation, route.version),
    control: (world) => answersItsOwner(route, world),
    run: (world) => hidesFromOthers(route, world),
  }));

async function hidesFromOthers(route: Route, world: World): Promise<Verdict> {
  let last = '';
  for (const caller of [world.thief.client, world.operators.with('treasury')]) {
    const seen = await call(route, caller, theirs(route, world));
    const missing = await call(route, caller, absent(route, world));
    last = shown(seen);
    if (seen.status !== missing.status || comparable(seen) !== comparable(missing))
      return { held: false, shown: `${last}, but ${shown(missing)} if there is none` };
    if (!HIDING.test(last)) return { held: false, shown: last };
  }
  return { held: true, shown: last };
}

/** Reads by the victim, or by the operator with the power; only a read, since it changes nothing. */
async function answersItsOwner(route: Route, world: World): Promise<Verdict> {
  const { operation } = route;
  if (operation.method !== 'GET') return { held: true, shown: 'not read' };
  const owner = await callerWith(world, operation.scope);
  return verdict('200', shown(await call(route, owner, theirs(route, world))));
}

function call(
  { operation, version }: Route,
  caller: ApiClient,
  params: Record<string, string>,
): Promise<Answer> {
  const { body } = operation.versions[version]!;
  return ask(caller, operation, {
    version,
    params,
    ...(operation.method === 'POST' && { body: JSON.stringify(leastBody(body)) }),
  });
}

/** Returns the victim's object for each parameter. */
function theirs(route: Route, { objects }: World): Record<string, string> {
  return Object.fromEntries(
    parametersOf(route).map((name) => {
      const id = objects[name];
      if (id === undefined)
        throw new Error(`no object of the victim for {${name}}: add one to World.objects`);
      return [name, id];
    }),
  );
}

/** Returns an id of the same kind that nothing has, for each parameter of a route. */
export function absent(route: Route, world: World): Record<string, string> {
  return Object.fromEntries(Object.entries(theirs(route, world)).map(([name, id]) => [name, otherId(id)]));
}

function otherId(id: string): string {
  const prefix = id.slice(0, 3);
  if (Object.hasOwn(idPrefixes, prefix) && id[3] === '_') return newId(prefix as IdPrefix);
  if (id.length === 43) return createHash('sha256').update(randomBytes(32)).digest('base64url');
  return `none-${randomBytes(8).toString('hex')}`;
}

/** Returns the part of an answer that may not differ: all of it but the trace's id. */
function comparable({ text }: Answer): string {
  return text.replace(/"trace_id":"[0-9a-f]*"/, '');
}
