import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CodedError, newId, operations } from '@tallystick/contracts';
import type { Edge } from '../src/index.ts';
import { client, publicUrl, startEdgeWorld, type Answer, type Call, type EdgeWorld } from './edge-world.ts';

const { accountFreeze, accountGet, trialBalance } = operations;
const operatorUrl = 'https://operators.example';
const claims = { sub: 'operator', client_id: 'operator', scope: 'ledger:read accounts:freeze accounts:read' };

let world: EdgeWorld;
let edges: Edge<undefined>[];
/** Calls an edge with an origin for operators. */
let call: (call: Call) => Promise<Answer>;
/** Calls an edge with one origin for all. */
let callWithout: (call: Call) => Promise<Answer>;

beforeAll(async () => {
  world = await startEdgeWorld();
  const apart = world.newEdge({ operatorUrl });
  const together = world.newEdge();
  edges = [apart, together];
  for (const edge of edges) {
    edge.read(trialBalance, async () => ({ body: { currencies: [], balanced: true } }));
    edge.read(accountGet, () => Promise.reject(new CodedError('resource.not_found')));
    edge.write(accountFreeze, (requests) =>
      requests.map(({ params: { accountId } }) => ({ body: { accountId, status: 'frozen' as const } })),
    );
  }
  call = client(world, await apart.listen(0));
  callWithout = client(world, await together.listen(0));
});
afterAll(async () => {
  await Promise.all(edges.map((edge) => edge.close()));
  await world.stop();
});

/** A request with a proof that names this origin. */
const asks = (origin: string, path: string, more: Partial<Call> = {}): Call => ({
  method: 'GET',
  path,
  token: world.token(claims),
  proof: { url: origin + path },
  ...more,
});
const freeze = (origin: string): Call =>
  asks(origin, accountFreeze.path.replace('{accountId}', newId('acc')), {
    method: 'POST',
    body: {},
    headers: { 'idempotency-key': randomUUID() },
  });
const account = (origin: string): Call => asks(origin, accountGet.path.replace('{accountId}', newId('acc')));

describe('with an origin for operators', () => {
  test("an operator's operation takes proofs that name it", async () => {
    expect(await call(asks(operatorUrl, trialBalance.path))).toMatchObject({ status: 200 });
    expect(await call(freeze(operatorUrl))).toMatchObject({ status: 200 });
  });

  test("an operator's operation refuses proofs that name the customers' origin", async () => {
    for (const asked of [asks(publicUrl, trialBalance.path), freeze(publicUrl)])
      expect(await call(asked)).toMatchObject({ status: 401, body: { code: 'dpop.invalid' } });
  });

  test("a customer's operation still takes only proofs that name the customers' origin", async () => {
    expect(await call(account(publicUrl))).toMatchObject({ status: 404 });
    expect(await call(account(operatorUrl))).toMatchObject({ status: 401, body: { code: 'dpop.invalid' } });
  });
});

test('without it, all operations have one origin', async () => {
  expect(await callWithout(asks(publicUrl, trialBalance.path))).toMatchObject({ status: 200 });
  expect(await callWithout(asks(operatorUrl, trialBalance.path))).toMatchObject({ status: 401 });
});
