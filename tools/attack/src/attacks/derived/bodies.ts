import type { Attack, Verdict } from '../../attack.ts';
import { ask, shown, type Answer, type Asked } from '../../http/ask.ts';
import { leastBody } from '../../http/bodies.ts';
import { refusedWith, routeOf } from '../../http/refused.ts';
import { callerWith } from '../../target/callers.ts';
import type { World } from '../../target/world.ts';
import { absent } from './objects.ts';
import { routesOf, type Route } from './operations.ts';

/** Members that an attacker would like to set. */
const WANTED = {
  ownerId: 'usr_x',
  status: 'active',
  balanceMinor: 1_000_000,
  isAdmin: true,
  scope: 'ledger:read',
};

/** A further member in every body, by a caller who may do the operation. Without it the body passes the schema. */
export const memberAttacks: readonly Attack[] = routesOf()
  .filter(({ operation }) => operation.method !== 'GET')
  .map((route) => ({
    name: `members.${route.name}`,
    on: routeOf(route.operation, route.version),
    control: (world) => passesSchema(route, world),
    run: (world) => isRefusedWithEach(route, world),
  }));

/** A further parameter in the query of every operation. */
export const queryAttacks: readonly Attack[] = routesOf().map((route) => ({
  name: `queries.${route.name}`,
  on: routeOf(route.operation, route.version),
  run: async (world) => refusedWith(await send(route, world, { query: 'ownerId=usr_x' }), 'request.invalid'),
}));

async function passesSchema(route: Route, world: World): Promise<Verdict> {
  const answer = await send(route, world);
  return { held: answer.code !== 'request.invalid', shown: shown(answer) };
}

async function isRefusedWithEach(route: Route, world: World): Promise<Verdict> {
  const body = leastBody(route.operation.versions[route.version]!.body);
  for (const [name, value] of Object.entries(WANTED)) {
    const answer = await send(route, world, { body: JSON.stringify({ ...body, [name]: value }) });
    const { held } = refusedWith(answer, 'request.invalid');
    if (!held || !answer.text.includes(`unknown: ${name}`))
      return { held: false, shown: `${name}: ${shown(answer)}` };
  }
  return { held: true, shown: '400 request.invalid' };
}

/** Sends a valid request by a caller with the scope. Its ids are those of nothing, so that it changes nothing. */
async function send(route: Route, world: World, changes: Asked = {}): Promise<Answer> {
  const { operation, version } = route;
  const { body } = operation.versions[version]!;
  return ask(await callerWith(world, operation.scope), operation, {
    version,
    params: absent(route, world),
    ...(operation.method === 'POST' && { body: JSON.stringify(leastBody(body)) }),
    ...changes,
  });
}
