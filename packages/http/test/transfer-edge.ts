import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from '@jest/globals';
import { CodedError, newId, operations } from '@tallystick/contracts';
import { type Transaction } from '@tallystick/postgres';
import { makeProof, verifyEvidence } from '@tallystick/security';
import { attempt, inTurn, type Edge, type WriteRequest } from '../src/index.ts';
import {
  client,
  issuer,
  publicUrl,
  startEdgeWorld,
  type Answer,
  type Call,
  type EdgeWorld,
} from './edge-world.ts';

/** An edge whose operations move and open accounts in a table, with the counts of what ran. It starts before the tests of a file. */
export let world: EdgeWorld;
export let edge: Edge<undefined>;
export let port: number;
export let call: (call: Call) => Promise<Answer>;
/** Number of calls of the transfer handler, by amount. */
export const ran = new Map<bigint, number>();
/** Work of the transfer handler before its answer, by amount. */
export const meanwhile = new Map<bigint, () => Promise<void>>();

export const {
  transferPost,
  accountOpen,
  accountGet,
  entryList,
  mandateWithdraw,
  createPayment,
  getPayment,
} = operations;
export const openedAt = '2026-11-24T12:00:00Z';
export const accountOf = (accountId: string, ownerId: string) => ({
  accountId,
  ownerId,
  kind: 'customer' as const,
  currency: 'EUR' as const,
  status: 'open' as const,
  postedMinor: 0n,
  pendingMinor: 0n,
  availableMinor: 0n,
  openedAt,
});

beforeAll(async () => {
  world = await startEdgeWorld();
  await world.pool.query('CREATE TABLE moved (transfer_id text, amount bigint)');
  edge = world.newEdge();
  edge.read(accountGet, async ({ params, subject }) => ({ body: accountOf(params.accountId, subject) }));
  edge.read(entryList, async () => ({ body: { entries: [] } }));
  edge.write(accountOpen, openAccounts);
  edge.write(mandateWithdraw, (requests) => requests.map(() => new CodedError('resource.not_found')));
  edge.write(transferPost, (requests, tx) =>
    inTurn(requests, (request) => attempt(tx, () => move(request, tx))),
  );
  edge.write(
    createPayment,
    (requests) =>
      requests.map(({ body, waitMs }) => ({
        status: 202,
        body: paymentOf(body as never, 'requested'),
        headers: { 'x-wait': String(waitMs) },
      })),
    async (reply, { waitMs }) =>
      waitMs === 0 ? reply : { status: 201, body: { ...reply.body, status: 'captured' as const } },
  );
  port = await edge.listen(0);
  call = client(world, port);
});
afterAll(async () => {
  await edge.close();
  await world.stop();
});

export const openAccounts = (requests: readonly { subject: string }[]) =>
  requests.map(({ subject }) => ({ body: accountOf(newId('acc'), subject) }));

export async function move({ body, evidence }: WriteRequest<typeof transferPost>, tx: Transaction) {
  const transferId = newId('trf');
  ran.set(body.amountMinor, (ran.get(body.amountMinor) ?? 0) + 1);
  await tx.query('INSERT INTO moved VALUES ($1, $2)', [transferId, body.amountMinor]);
  await meanwhile.get(body.amountMinor)?.();
  const proved = await verifyEvidence(evidence(), {
    keyring: world.keyring,
    nowMs: Date.now(),
    topicPrefix: '',
    issuer,
    publicUrls: { account: publicUrl },
  });
  if (proved.kind !== 'request') throw new Error('the evidence is not that of a request');
  return { body: { transferId, ...body, postedAt: openedAt } };
}

export const order = {
  source: { kind: 'account', accountId: newId('acc') },
  payee: { kind: 'account', accountId: newId('acc') },
  amountMinor: 500,
  currency: 'EUR',
  endToEndId: 'INVOICE-1',
};
export const paymentOf = (
  body: { source: { kind: 'account'; accountId: string }; payee: { kind: 'account'; accountId: string } },
  status: 'requested',
) => ({
  paymentId: newId('pay'),
  endToEndId: 'INVOICE-1',
  source: body.source,
  payee: body.payee,
  amountMinor: 500n,
  currency: 'EUR' as const,
  capture: 'automatic' as const,
  capturedBy: 'payee' as const,
  status,
  capturedMinor: 0n,
  refundedMinor: 0n,
  captures: [],
  refunds: [],
  createdAt: openedAt,
  updatedAt: openedAt,
});

export let amounts = 1_000;
/** Builds a transfer of a unique amount, with its own idempotency key. */
export function transfer(
  changes: Partial<Call> = {},
): Call & { body: { amountMinor: number }; headers: Record<string, string> } {
  amounts += 1;
  const body = {
    debitAccountId: newId('acc'),
    creditAccountId: newId('acc'),
    amountMinor: amounts,
    currency: 'EUR',
  };
  return {
    path: transferPost.path,
    body,
    ...changes,
    headers: { 'idempotency-key': randomUUID(), ...changes.headers },
  } as never;
}
export const timesRan = ({ body }: { body: { amountMinor: number } }) =>
  ran.get(BigInt(body.amountMinor)) ?? 0;
export const timesMoved = async ({ body }: { body: { amountMinor: number } }): Promise<number> =>
  (await world.pool.query('SELECT 1 FROM moved WHERE amount = $1', [body.amountMinor])).rows.length;

export const accountPath = (): string => `/v1/accounts/${newId('acc')}`;

/** Signs the wallet's proof of a transfer, to be sent more than once. */
export const proofOf = ({ body }: { body: object }, accessToken: string): Promise<string> =>
  makeProof(world.wallet, {
    method: 'POST',
    url: publicUrl + transferPost.path,
    accessToken,
    body: JSON.stringify(body),
    nowMs: Date.now(),
  });
