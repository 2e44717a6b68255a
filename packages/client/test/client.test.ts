import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { CodedError, newId, operations } from '@tallystick/contracts';
import { fixedAccess, NoAnswerError, ProblemError, type DeprecationNotice } from '../src/index.ts';
import { startClientWorld, type ClientWorld } from './client-world.ts';

let world: ClientWorld;

beforeAll(async () => {
  world = await startClientWorld();
});
beforeEach(() => {
  world.statuses.length = 0;
  world.keys.length = 0;
  world.meanwhile = async () => undefined;
});
afterAll(() => world.stop());

let lastAmount = 0n;
/** Builds a transfer of a unique amount. */
const transfer = () => ({
  debitAccountId: newId('acc'),
  creditAccountId: newId('acc'),
  amountMinor: (lastAmount += 1n),
  currency: 'EUR' as const,
});

async function errorOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('a call', () => {
  test('is answered with amounts as bigint', async () => {
    const body = transfer();
    const answer = await world.newClient().call(operations.transferPost, { body });
    expect(answer).toMatchObject({ status: 201, body, isReplay: false, attempts: 1 });
    expect(await world.timesMoved(body.amountMinor)).toBe(1);
  });

  test('has one effect for each of its keys', async () => {
    const client = world.newClient();
    const body = transfer();
    const idempotencyKey = crypto.randomUUID();
    const first = await client.call(operations.transferPost, { body, idempotencyKey });
    const again = await client.call(operations.transferPost, { body, idempotencyKey });
    expect(again).toMatchObject({ body: first.body, isReplay: true });
    await client.call(operations.transferPost, { body });
    expect(await world.timesMoved(body.amountMinor)).toBe(2);
  });

  test('whose body does not match the schema is refused before it is sent', async () => {
    const body = { ...transfer(), amountMinor: -1n };
    await expect(world.newClient().call(operations.transferPost, { body })).rejects.toThrow(/amountMinor/);
    expect(world.keys).toEqual([]);
  });

  test('ends with its signal', async () => {
    const client = world.newClient();
    const signal = AbortSignal.abort(new Error('the customer left'));
    await expect(client.call(operations.transferPost, { body: transfer(), signal })).rejects.toThrow(
      'the customer left',
    );
  });
});

describe('a refused call', () => {
  test('throws the problem with its code, faults and remedy', async () => {
    const error = await errorOf(
      world.newClient().call(operations.entryList, {
        params: { accountId: newId('acc') },
        query: { limit: 1_000 },
      }),
    );
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({
      operationId: 'account.entries',
      status: 400,
      code: 'request.invalid',
      retry: false,
      faults: [{ path: '/query/limit' }],
    });
    expect(world.statuses).toEqual([400]);
  });

  test('shows what is missing in its token', async () => {
    const access = fixedAccess(world.edges.token({ scope: 'accounts:read' }), world.edges.wallet);
    const error = await errorOf(
      world.newClient({ access }).call(operations.transferPost, { body: transfer() }),
    );
    expect(error).toMatchObject({
      status: 403,
      code: 'token.scope_insufficient',
      detail: 'needs the scope transfers:write',
    });
  });

  test('renews an expired token once, and repeats the request', async () => {
    const expired = world.edges.token({ iat: Math.floor(Date.now() / 1_000) - 900, exp: 1_000_000_000 });
    const access = {
      key: world.edges.wallet,
      token: async (refused?: string) => (refused === expired ? world.edges.token() : expired),
    };
    const body = transfer();
    const answer = await world.newClient({ access }).call(operations.transferPost, { body });
    expect(answer).toMatchObject({ status: 201, attempts: 2 });
    const stuck = { ...access, token: async () => expired };
    const error = await errorOf(
      world.newClient({ access: stuck }).call(operations.transferPost, { body: transfer() }),
    );
    expect(error).toMatchObject({ code: 'token.expired', retry: true });
  });
});

describe('a lost answer', () => {
  test('is asked for again under the same key, so that money moves once', async () => {
    const body = transfer();
    world.proxy.lostAnswers = 2;
    const answer = await world.newClient().call(operations.transferPost, { body });
    expect(answer).toMatchObject({ status: 201, body, isReplay: true, attempts: 3 });
    expect(new Set(world.keys).size).toBe(1);
    expect(await world.timesMoved(body.amountMinor)).toBe(1);
  });

  test('ends the call after the most attempts, with the key under which it can go on', async () => {
    const client = world.newClient({ retry: { attemptsMax: 2, firstPauseMs: 1 } });
    const body = transfer();
    world.proxy.lostAnswers = 2;
    const error = await errorOf(client.call(operations.transferPost, { body }));
    expect(error).toBeInstanceOf(NoAnswerError);
    const { idempotencyKey, attempts } = error as NoAnswerError;
    expect([attempts, world.proxy.lostAnswers]).toEqual([2, 0]);
    const answer = await client.call(operations.transferPost, { body, idempotencyKey });
    expect(answer.isReplay).toBe(true);
    expect(await world.timesMoved(body.amountMinor)).toBe(1);
  });
});

describe('a request that waits its turn', () => {
  test('is repeated while the first one under its key runs', async () => {
    const client = world.newClient();
    const body = transfer();
    const idempotencyKey = crypto.randomUUID();
    world.meanwhile = async () => {
      while (!world.statuses.includes(409)) await new Promise((resolve) => setImmediate(resolve));
    };
    const answers = await Promise.all(
      [1, 2].map(() => client.call(operations.transferPost, { body, idempotencyKey })),
    );
    expect(answers.filter(({ isReplay }) => isReplay)).toHaveLength(1);
    expect(await world.timesMoved(body.amountMinor)).toBe(1);
  });

  test('is repeated after the pause that an unavailable service asks for', async () => {
    let refusals = 1;
    world.meanwhile = async () => {
      if (refusals > 0) {
        refusals -= 1;
        throw new CodedError('service.unavailable');
      }
    };
    const startedMs = performance.now();
    const answer = await world.newClient().call(operations.transferPost, { body: transfer() });
    expect(world.statuses).toEqual([503, 201]);
    expect(answer.attempts).toBe(2);
    expect(performance.now() - startedMs).toBeGreaterThan(1_900);
  });

  test('is not repeated if the service asks for a longer pause than the limit', async () => {
    world.meanwhile = async () => {
      throw new CodedError('service.unavailable');
    };
    const client = world.newClient({ retry: { retryAfterMaxMs: 1_000 } });
    const error = await errorOf(client.call(operations.transferPost, { body: transfer() }));
    expect(error).toMatchObject({ code: 'service.unavailable', retryAfterMs: 2_000, retry: true });
    expect(world.statuses).toEqual([503]);
  });
});

describe('a client over its rate', () => {
  test('waits, and each of its calls succeeds', async () => {
    const slow = await startClientWorld(4);
    const client = slow.newClient();
    const bodies = Array.from({ length: 8 }, transfer);
    await Promise.all(bodies.map((body) => client.call(operations.transferPost, { body })));
    expect(slow.statuses).toContain(429);
    const moved = await Promise.all(bodies.map(({ amountMinor }) => slow.timesMoved(amountMinor)));
    expect(moved).toEqual(bodies.map(() => 1));
    await slow.stop();
  });
});

describe('a list', () => {
  test('yields each row once, over all its pages', async () => {
    const client = world.newClient();
    const bodies = Array.from({ length: 7 }, transfer);
    for (const body of bodies) await client.call(operations.transferPost, { body });
    world.statuses.length = 0;
    const amounts: bigint[] = [];
    const ids = new Set<string>();
    for await (const entry of client.list(operations.entryList, {
      params: { accountId: newId('acc') },
      query: { limit: 3, from: new Date(0).toISOString() },
    })) {
      ids.add(entry.transferId);
      amounts.push(entry.amountMinor);
    }
    expect(amounts.slice(0, 7)).toEqual(bodies.map(({ amountMinor }) => amountMinor).toReversed());
    expect(ids.size).toBe(amounts.length);
    expect(world.statuses.length).toBe(Math.ceil(amounts.length / 3));
  });

  test('reads no further page than the caller needs', async () => {
    for await (const _entry of world.newClient().list(operations.entryList, {
      params: { accountId: newId('acc') },
      query: { limit: 2 },
    }))
      break;
    expect(world.statuses).toEqual([200]);
  });

  test('has one array on each page, in every operation with pages', () => {
    const shapes = Object.values(operations).map(({ response }) => response.def as { shape?: object });
    const lists = shapes.filter(({ shape }) => shape !== undefined && 'nextCursor' in shape);
    expect(lists.length).toBeGreaterThan(0);
    for (const { shape } of lists) {
      const arrays = Object.values(shape!).filter(
        (field: { def: { type: string } }) => field.def.type === 'array',
      );
      expect(arrays).toHaveLength(1);
    }
  });
});

describe('an earlier version', () => {
  const order = {
    source: { kind: 'account', accountId: newId('acc') },
    payeeAccountId: newId('acc'),
    amountMinor: 500n,
    currency: 'EUR',
    endToEndId: 'INVOICE-1',
  };

  test('is called in its own form, and its deprecation is told', async () => {
    const notices: DeprecationNotice[] = [];
    const client = world.newClient({ onDeprecated: (notice) => notices.push(notice) });
    const { body } = await client.call(operations.createPayment, { version: 1, body: order });
    expect(body).toMatchObject({ payeeAccountId: order.payeeAccountId, amountMinor: 500n });
    const { deprecated } = operations.createPayment.versions[1]!;
    expect(notices).toEqual([
      {
        operationId: 'payment.create',
        version: 1,
        deprecatedAt: new Date(deprecated!.since),
        sunsetAt: new Date(deprecated!.sunset),
        successor: '/v2/payments',
      },
    ]);
  });

  test('is the only one that is deprecated', async () => {
    const notices: DeprecationNotice[] = [];
    const { payeeAccountId, ...terms } = order;
    const client = world.newClient({ onDeprecated: (notice) => notices.push(notice) });
    await client.call(operations.createPayment, {
      body: {
        ...terms,
        source: { kind: 'account', accountId: newId('acc') },
        payee: { kind: 'account', accountId: payeeAccountId },
        currency: 'EUR',
      },
    });
    expect(notices).toEqual([]);
  });
});
