import { auditOf } from '@tallystick/audit';
import { CodedError, type OperationDefinition } from '@tallystick/contracts';
import type { Statement, Transaction } from '@tallystick/postgres';
import type { KeySet } from '@tallystick/security';
import { decisionOn, isAuditedWrite } from './audited.ts';
import type { WriteRequest } from './edge-request.ts';
import { insertReplies, keyName, lockKeys, type IdempotentRequest, type KeyState } from './idempotency.ts';
import { encodeReply, type EncodedReply, type Reply, type ResponseOf } from './reply.ts';
import { openReply, sealReply } from './sealed-reply.ts';
import { proofName, releaseProofs, useProofs } from './used-proofs.ts';

type Result<Operation extends OperationDefinition> = Reply<ResponseOf<Operation>> | CodedError;

/**
 * Carries out concurrent requests of one operation in a single transaction.
 * @param send adds messages to publish after the commit, each with the `traceContext` of its request
 * @returns for each request, in their order, its answer or the error that refuses it; a refused request must not have
 * written anything. A thrown error fails the transaction: each request is retried alone, and only the one that throws
 * then fails
 */
export type WriteHandler<Operation extends OperationDefinition, Send> = (
  requests: readonly WriteRequest<Operation>[],
  tx: Transaction,
  send: Send,
) => Promise<Result<Operation>[]> | Result<Operation>[];

/** Reads the service's encryption keys; until the transaction ends, none of them is retired. */
export type ReadReplyKeys = (tx: Transaction) => Promise<KeySet>;

/** A served write operation. */
export interface WriteRoute<Send> {
  operation: OperationDefinition;
  handle: WriteHandler<OperationDefinition, Send>;
  /** Reads the keys that encrypt its stored answers, if they are confidential. */
  replyKeys: ReadReplyKeys | undefined;
}

/** A request that waits to be carried out. */
export interface PendingWrite<Send> {
  route: WriteRoute<Send>;
  request: WriteRequest<OperationDefinition>;
  /** Present if the operation needs an `Idempotency-Key`. */
  idempotent: IdempotentRequest | undefined;
}

/** The outcome of a request: a new answer, the first answer again, or the error that refuses it. */
export type WriteOutcome =
  | { kind: 'new'; encoded: EncodedReply; reply: Reply<unknown> }
  | { kind: 'replayed'; encoded: EncodedReply }
  | { kind: 'refused'; error: CodedError };

/** Maximum time to wait for a lock: the requests that share the transaction wait too. */
const LOCK_WAIT: Statement = { name: 'http_lock_wait', text: `SET LOCAL lock_timeout = '2s'` };

/**
 * Carries out several requests in one transaction. It claims their proofs and keys, runs the handler of each operation
 * once, stores their answers, and writes the audit. A refused request uses up neither its proof nor its key.
 * @param atMs the time of the decisions, in milliseconds since the epoch
 * @returns the outcome of each request, in their order
 */
export async function carryOutWrites<Send>(
  writes: readonly PendingWrite<Send>[],
  tx: Transaction,
  send: Send,
  atMs: number,
): Promise<WriteOutcome[]> {
  const outcomes = new Map<PendingWrite<Send>, WriteOutcome>();
  tx.write(LOCK_WAIT);
  const replyKeys = await writes.find(({ route }) => route.replyKeys !== undefined)?.route.replyKeys?.(tx);
  const taken = await takeClaims(writes, tx, outcomes, replyKeys);
  const open = writes.filter((write) => !outcomes.has(write));
  for (const [route, group] of Map.groupBy(open, (write) => write.route)) {
    const results = await route.handle(
      group.map(({ request }) => request),
      tx,
      send,
    );
    if (results.length !== group.length)
      throw new Error(`${route.operation.id}: ${results.length} answers to ${group.length} requests`);
    group.forEach((write, at) => outcomes.set(write, outcomeOf(write, results[at]!)));
    audit(tx, route.operation, group, results, atMs);
  }
  releaseProofs(
    tx,
    [...taken].flatMap((write) =>
      outcomes.get(write)!.kind === 'refused' ? write.request.caller.proof! : [],
    ),
  );
  insertReplies(
    tx,
    open.flatMap((write) => keptReplyOf(write, outcomes.get(write)!, replyKeys)),
  );
  return writes.map((write) => outcomes.get(write)!);
}

/**
 * Claims the proofs and keys of requests; of requests that share one, the first gets it. Outcomes that this decides are
 * added to `outcomes`.
 * @returns the requests whose proofs were claimed
 */
async function takeClaims<Send>(
  writes: readonly PendingWrite<Send>[],
  tx: Transaction,
  outcomes: Map<PendingWrite<Send>, WriteOutcome>,
  replyKeys: KeySet | undefined,
): Promise<Set<PendingWrite<Send>>> {
  const [unused, keys] = await Promise.all([
    useProofs(
      tx,
      writes.flatMap(({ request }) => request.caller.proof ?? []),
    ),
    lockKeys(
      tx,
      writes.flatMap(({ idempotent }) => idempotent ?? []),
    ),
  ]);
  const taken = new Set<PendingWrite<Send>>();
  for (const write of writes) {
    const { proof } = write.request.caller;
    if (proof !== undefined && !unused.delete(proofName(proof))) {
      outcomes.set(write, refused('dpop.replayed'));
      continue;
    }
    if (proof !== undefined) taken.add(write);
    const decided = decidedByKey(write, keys, replyKeys);
    if (decided !== undefined) outcomes.set(write, decided);
  }
  return taken;
}

/** Returns the outcome that the idempotency key decides; `undefined` if the request is the first with its key. */
function decidedByKey<Send>(
  { idempotent }: PendingWrite<Send>,
  keys: Map<string, KeyState>,
  replyKeys: KeySet | undefined,
): WriteOutcome | undefined {
  if (idempotent === undefined) return undefined;
  const state = keys.get(keyName(idempotent))!;
  switch (state.kind) {
    case 'free':
      keys.set(keyName(idempotent), { kind: 'in_progress' });
      return undefined;
    case 'in_progress':
      return refused('idempotency.in_progress');
    case 'answered':
      if (!state.digest.equals(idempotent.digest)) return refused('idempotency.key_reused');
      return { kind: 'replayed', encoded: openReply(state.reply, idempotent, replyKeys) };
  }
}

/** Writes the audited decisions of an operation. */
function audit<Send>(
  tx: Transaction,
  operation: OperationDefinition,
  writes: readonly PendingWrite<Send>[],
  results: readonly Result<OperationDefinition>[],
  atMs: number,
): void {
  const decisions = writes.flatMap(({ request: { caller, params, traceContext } }, at) => {
    const { token } = caller;
    if (!isAuditedWrite(operation, token)) return [];
    const result = results[at]!;
    const answer = result instanceof CodedError ? result : result.body;
    return [decisionOn(operation, { token, params, atMs, traceContext }, answer)];
  });
  if (decisions.length > 0) tx.write(auditOf(decisions));
}

function refused(code: CodedError['code']): WriteOutcome {
  return { kind: 'refused', error: new CodedError(code) };
}

function outcomeOf<Send>(
  { route: { operation }, request: { version } }: PendingWrite<Send>,
  result: Result<OperationDefinition>,
): WriteOutcome {
  if (result instanceof CodedError) return { kind: 'refused', error: result };
  return { kind: 'new', encoded: encodeReply(operation, version, result), reply: result };
}

function keptReplyOf<Send>(
  { route, idempotent }: PendingWrite<Send>,
  outcome: WriteOutcome,
  replyKeys: KeySet | undefined,
): { request: IdempotentRequest; reply: ReturnType<typeof sealReply> }[] {
  if (idempotent === undefined || outcome.kind !== 'new') return [];
  const keys = route.replyKeys === undefined ? undefined : replyKeys;
  return [{ request: idempotent, reply: sealReply(outcome.encoded, idempotent, keys) }];
}
