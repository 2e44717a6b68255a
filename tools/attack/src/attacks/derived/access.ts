import { scopes, type Scope } from '@tallystick/contracts';
import type { Attack } from '../../attack.ts';
import { ask, shown, type Asked } from '../../http/ask.ts';
import { leastBody } from '../../http/bodies.ts';
import { refusal, refusedWith, routeOf } from '../../http/refused.ts';
import { callerWith } from '../../target/callers.ts';
import type { World } from '../../target/world.ts';
import { parametersOf, routesOf, type Route } from './operations.ts';

/** Every operation without a token, and with the token but not the key that it is bound to. */
export const bareAttacks: readonly Attack[] = routesOf().flatMap((route) => {
  const on = routeOf(route.operation, route.version);
  return [
    {
      name: `access.no-token-${route.name}`,
      on,
      run: async (world) =>
        refusedWith(
          await ask(world.victim.client, route.operation, {
            ...askedOf(route, world),
            authorization: null,
            proof: null,
          }),
          'token.missing',
        ),
    },
    {
      name: `access.bearer-${route.name}`,
      on,
      run: async (world) =>
        refusedWith(
          await ask(world.victim.client, route.operation, {
            ...askedOf(route, world),
            authorization: `Bearer ${world.victim.client.accessToken}`,
            proof: null,
          }),
          'dpop.missing',
        ),
    },
  ] satisfies Attack[];
});

/** Every operation with a token of each scope but its own, and of none. */
export const scopeAttacks: readonly Attack[] = routesOf().map((route) => ({
  name: `scopes.${route.name}`,
  on: routeOf(route.operation, route.version),
  run: async (world) => {
    const wrong = (Object.keys(scopes) as Scope[]).filter((scope) => scope !== route.operation.scope);
    const expected = refusal('token.scope_insufficient');
    const accepted: string[] = [];
    for (const scope of ['', ...wrong] as const) {
      const caller = await callerWith(world, scope);
      const answer = await ask(caller, route.operation, askedOf(route, world));
      if (shown(answer) !== expected) accepted.push(`${scope}: ${shown(answer)}`);
    }
    return {
      held: accepted.length === 0,
      shown:
        accepted.length === 0
          ? `${expected} with each of ${wrong.length + 1} other scopes`
          : accepted.join('; '),
    };
  },
}));

/** Makes a request whose parts are valid, on the victim's object. */
function askedOf(route: Route, { objects }: World): Asked {
  const { operation, version } = route;
  return {
    version,
    params: Object.fromEntries(parametersOf(route).map((name) => [name, objects[name]!])),
    ...(operation.method === 'POST' && {
      body: JSON.stringify(leastBody(operation.versions[version]!.body)),
    }),
  };
}
