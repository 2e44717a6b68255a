import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { entryIn, listEntries } from '@tallystick/audit';
import { CodedError, newId, operations, type AuditEntry } from '@tallystick/contracts';
import type { Edge } from '../src/index.ts';
import { client, startEdgeWorld, type Answer, type Call, type EdgeWorld } from './edge-world.ts';

const { accountFreeze, accountOpen, mandateWithdraw, trialBalance } = operations;
const UNKNOWN = newId('acc');
const support = { sub: 'support-client', client_id: 'support-client', scope: 'accounts:freeze ledger:read' };

let world: EdgeWorld;
let edge: Edge<undefined>;
let call: (call: Call) => Promise<Answer>;

beforeAll(async () => {
  world = await startEdgeWorld();
  edge = world.newEdge();
  edge.write(accountFreeze, (requests) =>
    requests.map(({ params: { accountId } }) =>
      accountId === UNKNOWN
        ? new CodedError('resource.not_found')
        : { body: { accountId, status: 'frozen' as const } },
    ),
  );
  edge.write(accountOpen, (requests) => requests.map(() => new CodedError('resource.not_found')));
  edge.write(mandateWithdraw, (requests) => requests.map(() => new CodedError('resource.not_found')));
  edge.read(trialBalance, async () => ({ body: { currencies: [], balanced: true } }));
  call = client(world, await edge.listen(0));
});
afterAll(async () => {
  await edge.close();
  await world.stop();
});

async function newest(): Promise<AuditEntry | undefined> {
  const [entry] = await listEntries(world.pool, {}, { before: undefined, limit: 1 });
  return entry === undefined ? undefined : entryIn(entry.content);
}

const freeze = (accountId: string, claims: Record<string, unknown> = support): Call => ({
  path: accountFreeze.path.replace('{accountId}', accountId),
  body: {},
  token: world.token(claims),
  headers: { 'idempotency-key': randomUUID() },
});

describe("an operator's request leaves an audit entry", () => {
  test('with who, what, on what and the outcome', async () => {
    const accountId = newId('acc');
    expect(await call(freeze(accountId))).toMatchObject({ status: 200 });
    expect(await newest()).toMatchObject({
      actor: 'support-client',
      clientId: 'support-client',
      action: 'account.freeze',
      object: accountId,
      outcome: 'done',
    });
  });

  test('if it is refused', async () => {
    expect(await call(freeze(UNKNOWN))).toMatchObject({ status: 404 });
    expect(await newest()).toMatchObject({ object: UNKNOWN, outcome: 'resource.not_found' });
  });

  test('if its token lacks the scope', async () => {
    const actor = `usr_${randomUUID()}`;
    const asked = freeze(newId('acc'), { sub: actor, scope: 'accounts:read' });
    expect(await call(asked)).toMatchObject({ status: 403 });
    expect(await newest()).toMatchObject({
      actor,
      action: 'account.freeze',
      outcome: 'token.scope_insufficient',
    });
  });

  test('once, if it is repeated', async () => {
    const asked = freeze(newId('acc'));
    await call(asked);
    const first = await newest();
    expect(await call(asked)).toMatchObject({ status: 200 });
    expect(await newest()).toEqual(first);
  });

  test('if it reads under a scope for operators', async () => {
    const asked = { method: 'GET', path: trialBalance.path, token: world.token(support) };
    expect(await call(asked)).toMatchObject({ status: 200 });
    expect(await newest()).toMatchObject({ action: 'account.trial_balance', outcome: 'done' });
  });
});

describe("a customer's request leaves an audit entry", () => {
  test('if it decides about authority', async () => {
    const mandateId = newId('mdt');
    const asked = { method: 'DELETE', path: mandateWithdraw.path.replace('{mandateId}', mandateId) };
    expect(await call(asked)).toMatchObject({ status: 404 });
    expect(await newest()).toMatchObject({
      actor: 'usr_1',
      clientId: 'wallet',
      action: 'account.mandate.withdraw',
      object: mandateId,
      outcome: 'resource.not_found',
    });
  });

  test('and no other does', async () => {
    const before = await newest();
    const asked = {
      path: accountOpen.path,
      body: { currency: 'EUR' },
      headers: { 'idempotency-key': randomUUID() },
    };
    expect(await call(asked)).toMatchObject({ status: 404 });
    expect(await newest()).toEqual(before);
  });
});
