import {
  captureIdOf,
  CodedError,
  idTimeMs,
  newJti,
  operations,
  paymentIdOf,
  refundIdOf,
  type OperationDefinition,
} from '@tallystick/contracts';
import { nextCursorOf, rangeOf, type Edge, type Reply, type WriteRequest } from '@tallystick/http';
import type { Send } from '@tallystick/messaging';
import type { Pool, Queryable, Transaction } from '@tallystick/postgres';
import type * as z from 'zod';
import { namesOf, type PaymentStep } from '../app/payment-step.ts';
import { takeSteps } from '../app/take-steps.ts';
import type { Movement, Payment } from '../domain/payment.ts';
import { nobody, requireRole, rolesOf } from '../domain/roles.ts';
import { findAccountOwners, findParties } from '../store/parties.ts';
import { findPaymentPage } from '../store/payment-list.ts';
import { paymentStore } from '../store/payment-store.ts';
import { findMovement } from '../store/movements.ts';
import { findShownPayments, type ShownPayment } from '../store/shown-payments.ts';
import type { OutcomeWaiter } from './outcome-waiter.ts';
import { captureView, paymentView, refundView } from './payment-view.ts';

type PaymentReply = Reply<z.output<typeof operations.getPayment.response>>;

/** Creates, captures, cancels, refunds and shows payments. A customer reaches only their own payments. */
export function paymentRoutes(
  edge: Edge<Send>,
  pool: Pool,
  waiter: OutcomeWaiter,
  nowMs: () => number,
): void {
  edge.write(
    operations.createPayment,
    async (requests, tx, send) => {
      const at = nowMs();
      const owners = await findAccountOwners(tx, requests.flatMap(sourceAccountOf));
      return takeAll(
        requests.map((request) => orderOf(request, owners, at)),
        tx,
        send,
        at,
      );
    },
    (reply, { waitMs }) =>
      withOutcome(
        waiter,
        reply,
        waitMs,
        ({ status, capture, capturingMinor }) =>
          status !== 'requested' && (capture === 'manual' || capturingMinor === 0n),
      ),
  );

  edge.write(
    operations.capturePayment,
    (requests, tx, send) =>
      takeAll(
        requests.map((request) => {
          const { params, body } = request;
          const captureId = captureIdOf(params.paymentId, body);
          const unnamedKey = body.captureId === undefined ? request.idempotencyKey : undefined;
          return { ...commanded(request), kind: 'capture', order: { ...body, captureId }, unnamedKey };
        }),
        tx,
        send,
        nowMs(),
      ),
    (reply, { waitMs, params, body }) =>
      withOutcome(waiter, reply, waitMs, hasAnswer('capture', captureIdOf(params.paymentId, body))),
  );

  edge.write(
    operations.cancelPayment,
    (requests, tx, send) =>
      takeAll(
        requests.map((request) => ({ ...commanded(request), kind: 'cancel' })),
        tx,
        send,
        nowMs(),
      ),
    (reply, { waitMs }) =>
      withOutcome(
        waiter,
        reply,
        waitMs,
        ({ status, cancellation }) => status !== 'authorized' || cancellation?.status === 'rejected',
      ),
  );

  edge.write(
    operations.refundPayment,
    (requests, tx, send) =>
      takeAll(
        requests.map((request) => {
          const { params, body } = request;
          const refundId = refundIdOf(params.paymentId, body);
          const unnamedKey = body.refundId === undefined ? request.idempotencyKey : undefined;
          return { ...commanded(request), kind: 'refund', order: { ...body, refundId }, unnamedKey };
        }),
        tx,
        send,
        nowMs(),
      ),
    (reply, { waitMs, params, body }) =>
      withOutcome(waiter, reply, waitMs, hasAnswer('refund', refundIdOf(params.paymentId, body))),
  );

  edge.read(operations.getPayment, async ({ subject, params: { paymentId } }) => ({
    body: paymentView(await readable(pool, subject, paymentId)),
  }));

  edge.read(operations.getCapture, async ({ subject, params: { paymentId, captureId } }) => {
    await readable(pool, subject, paymentId);
    return {
      body: captureView(await movementOf(pool, { paymentId, kind: 'capture', operationId: captureId })),
    };
  });

  edge.read(operations.getRefund, async ({ subject, params: { paymentId, refundId } }) => {
    await readable(pool, subject, paymentId);
    return { body: refundView(await movementOf(pool, { paymentId, kind: 'refund', operationId: refundId })) };
  });

  edge.read(operations.listPayments, async ({ subject, query }) => {
    const page = await findPaymentPage(pool, subject, query, rangeOf(query));
    const shown = await shownInOrder(pool, page.items);
    // The page was read a moment before: what proceeded since no longer has the status that was asked for.
    const payments = shown.filter(({ status }) => query.status === undefined || status === query.status);
    return { body: { payments: payments.map(paymentView), nextCursor: nextCursorOf(page) } };
  });
}

type CreateRequest = WriteRequest<typeof operations.createPayment>;

/** How long the owner of a new account may be unknown here, after the account was opened. */
const OWNER_UNKNOWN_MAX_MS = 300_000;

function sourceAccountOf({ body: { source } }: CreateRequest): string[] {
  return source.kind === 'account' ? [source.accountId] : [];
}

/**
 * Returns the step of an order, or its refusal: an account of somebody else is answered like one that does not exist. The
 * ledger decides about an account that was opened just now.
 */
function orderOf(
  request: CreateRequest,
  owners: ReadonlyMap<string, string>,
  atMs: number,
): PaymentStep | CodedError {
  const { subject, body, evidence, traceContext, caller } = request;
  const [accountId] = sourceAccountOf(request);
  if (accountId !== undefined && owners.get(accountId) !== subject) {
    const isNew = !owners.has(accountId) && idTimeMs(accountId) > atMs - OWNER_UNKNOWN_MAX_MS;
    if (!isNew) return new CodedError('ledger.account_not_found');
  }
  if (caller.proof === undefined) throw new Error('an order came without a proof');
  const { source, endToEndId } = body;
  const sourceId = source.kind === 'account' ? source.accountId : source.cardId;
  return {
    kind: 'create',
    paymentId: paymentIdOf({ subject, sourceId, endToEndId }, caller.proof.issuedAtS),
    order: { ...body, initiator: { kind: 'subject', id: subject } },
    evidence: evidence(),
    txn: newJti(),
    options: { traceContext },
  };
}

type PaymentRequest = WriteRequest<
  OperationDefinition<typeof operations.cancelPayment.params, z.ZodType, z.ZodType>
>;

/** Returns the common part of a customer's command on a payment. */
function commanded({
  subject,
  params: { paymentId },
  evidence,
  traceContext,
}: PaymentRequest): Pick<PaymentStep & { kind: 'cancel' }, 'paymentId' | 'by' | 'evidence' | 'options'> {
  return {
    paymentId,
    by: { kind: 'subject', id: subject },
    evidence: evidence(),
    options: { traceContext },
  };
}

/** Takes all steps at once. @returns an answer to each, in their order; an error stays an error */
async function takeAll(
  asked: readonly (PaymentStep | CodedError)[],
  tx: Transaction,
  send: Send,
  atMs: number,
): Promise<(PaymentReply | CodedError)[]> {
  const steps = asked.flatMap((step) => (step instanceof CodedError ? [] : step));
  const store = paymentStore(tx);
  const results = takeSteps(store, send, await store.load(namesOf(steps)), steps, atMs);
  const taken = results.flatMap((result) =>
    result === undefined || result instanceof CodedError ? [] : result,
  );
  const shown = new Map((await shownInOrder(tx, taken)).map((one) => [one.paymentId, one]));
  const resultOf = new Map(steps.map((step, at) => [step, results[at]]));
  return asked.map((step) => {
    const result = step instanceof CodedError ? step : resultOf.get(step);
    if (result === undefined) return new CodedError('payment.not_found');
    return result instanceof CodedError ? result : accepted(shown.get(result.paymentId)!);
  });
}

/** Reads payments as they are shown, in the order in which they are given. */
async function shownInOrder(on: Queryable, payments: readonly Payment[]): Promise<ShownPayment[]> {
  const shown = await findShownPayments(
    on,
    payments.map(({ paymentId }) => paymentId),
  );
  return payments.map(({ paymentId }) => shown.get(paymentId)!);
}

/** @throws CodedError `payment.not_found`, also for a payment in which the customer has no role */
async function readable(pool: Pool, subject: string, paymentId: string): Promise<ShownPayment> {
  const [shown, parties] = await Promise.all([
    findShownPayments(pool, [paymentId]),
    findParties(pool, [paymentId]),
  ]);
  const payment = shown.get(paymentId);
  if (payment === undefined) throw new CodedError('payment.not_found');
  requireRole(
    'payment.get',
    rolesOf(payment, parties.get(paymentId) ?? nobody, { kind: 'subject', id: subject }),
  );
  return payment;
}

/** @throws CodedError `resource.not_found` */
async function movementOf(
  pool: Pool,
  named: Pick<Movement, 'paymentId' | 'kind' | 'operationId'>,
): Promise<Movement> {
  const movement = await findMovement(pool, named);
  if (movement === undefined) throw new CodedError('resource.not_found');
  return movement;
}

/** Returns whether the ledger answered a capture or refund. */
function hasAnswer(kind: Movement['kind'], operationId: string): (payment: ShownPayment) => boolean {
  return ({ movements }) =>
    movements.some(
      (one) => one.kind === kind && one.operationId === operationId && one.status !== 'requested',
    );
}

/** Builds a 202 response: the outcome is pending and will be available at Location. */
function accepted(payment: ShownPayment): PaymentReply {
  return { status: 202, body: paymentView(payment) };
}

/** Answers 201 with the outcome if it arrives within the client's wait time. */
async function withOutcome(
  waiter: OutcomeWaiter,
  reply: PaymentReply,
  waitMs: number,
  isOutcome: (payment: ShownPayment) => boolean,
): Promise<PaymentReply> {
  if (waitMs === 0) return reply;
  const payment = await waiter.wait(reply.body.paymentId, isOutcome, waitMs);
  if (payment === undefined) return reply;
  return {
    ...reply,
    status: 201,
    body: paymentView(payment),
    headers: { ...reply.headers, 'Preference-Applied': 'wait' },
  };
}
