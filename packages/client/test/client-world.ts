import { CodedError, newId, operations } from '@tallystick/contracts';
import { Edge, nextCursorOf, rangeOf } from '@tallystick/http';
import { startEdgeWorld, type EdgeWorld } from '@tallystick/http/testing';
import { findPage, mapPage, transaction } from '@tallystick/postgres';
import { Client, fixedAccess, type ClientOptions } from '../src/index.ts';
import { startCuttingProxy, type CuttingProxy } from './cutting-proxy.ts';

/** An edge on Postgres behind a connection that can break, and clients of it. */
export interface ClientWorld {
  edges: EdgeWorld;
  proxy: CuttingProxy;
  /** The statuses of all answers to the clients, in order. */
  statuses: number[];
  /** The keys of all requests of the clients, in order. */
  keys: (string | null)[];
  /** Work of the transfer handler before its answer; it may throw a refusal. */
  meanwhile: () => Promise<void>;
  newClient(options?: Partial<ClientOptions>): Client;
  /** Returns how often a transfer of this amount was carried out. */
  timesMoved(amountMinor: bigint): Promise<number>;
  stop(): Promise<void>;
}

/** Pauses that do not slow the tests; the number of attempts is the usual one. */
const RETRY = { firstPauseMs: 5 };

/** @param requestsPerSecondMax of one subject; defaults to more than any test sends */
export async function startClientWorld(requestsPerSecondMax = 1_000): Promise<ClientWorld> {
  const [edges, proxy] = await Promise.all([startEdgeWorld(), startCuttingProxy()]);
  await edges.pool.query(
    'CREATE TABLE moved (transfer_id text PRIMARY KEY, amount bigint NOT NULL, posted_at timestamptz NOT NULL)',
  );
  const edge = new Edge<undefined>({
    ...edges.edgeOptions,
    publicUrl: proxy.url,
    service: 'test',
    requestsPerSecondMax,
    transact: (work) => transaction(edges.pool, (tx) => work(tx, undefined)),
  });
  const world: ClientWorld = {
    edges,
    proxy,
    statuses: [],
    keys: [],
    meanwhile: async () => undefined,
    newClient: (options = {}) =>
      new Client({
        services: { account: proxy.url, payment: proxy.url },
        access: fixedAccess(edges.token(), edges.wallet),
        retry: RETRY,
        fetch: async (url, init) => {
          world.keys.push(new Headers(init!.headers).get('idempotency-key'));
          const answer = await fetch(url, init);
          world.statuses.push(answer.status);
          return answer;
        },
        ...options,
      }),
    async timesMoved(amountMinor) {
      const found = await edges.pool.query('SELECT 1 FROM moved WHERE amount = $1', [amountMinor]);
      return found.rows.length;
    },
    async stop() {
      await edge.close();
      await proxy.close();
      await edges.stop();
    },
  };
  edge.write(operations.transferPost, async (requests, tx) => {
    try {
      await world.meanwhile();
    } catch (error) {
      if (error instanceof CodedError) return requests.map(() => error);
      throw error;
    }
    return Promise.all(
      requests.map(async ({ body }) => {
        const transferId = newId('trf');
        const posted = await tx.query<{ posted_at: Date }>(
          'INSERT INTO moved VALUES ($1, $2, clock_timestamp()) RETURNING posted_at',
          [transferId, body.amountMinor],
        );
        return { body: { transferId, ...body, postedAt: posted.rows[0]!.posted_at.toISOString() } };
      }),
    );
  });
  edge.read(operations.entryList, async ({ query }) => {
    const page = await findPage<{ transfer_id: string; amount: bigint; posted_at: Date }>(
      edges.pool,
      {
        columns: 'transfer_id, amount, posted_at',
        from: 'moved',
        where: '$1',
        values: [true],
        time: 'posted_at',
        id: 'transfer_id',
      },
      rangeOf(query),
    );
    const { items } = mapPage(page, (row) => ({
      transferId: row.transfer_id,
      counterpartyAccountId: newId('acc'),
      amountMinor: row.amount,
      balanceMinor: 0n,
      postedAt: row.posted_at.toISOString(),
    }));
    return { body: { entries: items, nextCursor: nextCursorOf(page) } };
  });
  edge.write(operations.createPayment, (requests) =>
    requests.map(({ body }) => ({ status: 202, body: requestedPayment(body) })),
  );
  proxy.upstreamPort = await edge.listen(0);
  return world;
}

function requestedPayment<Order extends object>(order: Order) {
  const now = new Date().toISOString();
  return {
    capturedBy: 'payee' as const,
    ...order,
    paymentId: newId('pay'),
    status: 'requested' as const,
    capturedMinor: 0n,
    refundedMinor: 0n,
    captures: [],
    refunds: [],
    createdAt: now,
    updatedAt: now,
  };
}
