import {
  CodedError,
  idFrom,
  newId,
  newJti,
  operations,
  type OperationDefinition,
} from '@tallystick/contracts';
import type { Edge, Reply, WriteRequest } from '@tallystick/http';
import type { Send } from '@tallystick/messaging';
import type { Pool, Transaction } from '@tallystick/postgres';
import type * as z from 'zod';
import { namesOf, takeSteps, type PaymentStep } from '../app/take-steps.ts';
import type { Payment } from '../domain/payment.ts';
import {
  findPayees,
  findVisible,
  findVisiblePayment,
  findVisiblePayments,
  viewKey,
} from '../store/payments.ts';
import { paymentStore } from '../store/payment-store.ts';
import type { OutcomeWaiter } from './outcome-waiter.ts';

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
    (requests, tx, send) =>
      takeAll(
        requests.map(({ subject, body, evidence, traceContext }) => ({
          kind: 'create',
          paymentId: newId('pay'),
          order: { ...body, initiator: { kind: 'subject', id: subject } },
          evidence: evidence(),
          txn: newJti(),
          options: { traceContext },
        })),
        tx,
        send,
        nowMs(),
      ),
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
      takeVisible(
        requests,
        (request) => ({
          kind: 'capture',
          paymentId: request.params.paymentId,
          order: { captureId: operationIdOf('cap', request), ...request.body },
          by: { kind: 'subject', id: request.subject },
          options: { traceContext: request.traceContext },
        }),
        tx,
        send,
        nowMs(),
      ),
    (reply, { waitMs }) => withOutcome(waiter, reply, waitMs, ({ capturingMinor }) => capturingMinor === 0n),
  );

  edge.write(
    operations.cancelPayment,
    (requests, tx, send) =>
      takeVisible(
        requests,
        ({ subject, params: { paymentId }, traceContext }) => ({
          kind: 'cancel',
          paymentId,
          by: { kind: 'subject', id: subject },
          options: { traceContext },
        }),
        tx,
        send,
        nowMs(),
      ),
    (reply, { waitMs }) => withOutcome(waiter, reply, waitMs, ({ status }) => status !== 'authorized'),
  );

  edge.write(
    operations.refundPayment,
    async (requests, tx, send) => {
      const payees = await findPayees(
        tx,
        requests.map(({ subject, params: { paymentId } }) => ({ subject, paymentId })),
      );
      return takeVisible(
        requests,
        (request) =>
          payees.has(viewKey({ subject: request.subject, paymentId: request.params.paymentId }))
            ? {
                kind: 'refund',
                paymentId: request.params.paymentId,
                order: { refundId: operationIdOf('rfd', request), ...request.body },
                evidence: request.evidence(),
                by: { kind: 'subject', id: request.subject },
                options: { traceContext: request.traceContext },
              }
            : new CodedError('payment.state_conflict', { detail: 'only the payee can give a payment back' }),
        tx,
        send,
        nowMs(),
      );
    },
    (reply, { waitMs }) => withOutcome(waiter, reply, waitMs, ({ refundingMinor }) => refundingMinor === 0n),
  );

  edge.read(operations.getPayment, async ({ subject, params: { paymentId } }) => ({
    body: view(await mine(pool, subject, paymentId)),
  }));

  edge.read(operations.listPayments, async ({ subject, query: { limit } }) => ({
    body: { payments: (await findVisiblePayments(pool, subject, limit)).map(view) },
  }));
}

type PaymentRequest = WriteRequest<
  OperationDefinition<typeof operations.cancelPayment.params, z.ZodType, z.ZodType>
>;

/**
 * Derives the id of a capture or refund from the idempotency key. A repeated request thus repeats the same order, even
 * after a restore that lost the first answer.
 */
function operationIdOf(
  prefix: 'cap' | 'rfd',
  { subject, params: { paymentId }, idempotencyKey }: PaymentRequest,
): string {
  if (idempotencyKey === undefined) throw new Error('captures and refunds take an idempotency key');
  return idFrom(prefix, paymentId, subject, idempotencyKey);
}

/**
 * Takes the step of each request whose caller may see the payment; other requests get `payment.not_found`.
 * @param stepOf returns the step of a request, or the reason to refuse it
 */
async function takeVisible<Asked extends PaymentRequest>(
  requests: readonly Asked[],
  stepOf: (request: Asked) => PaymentStep | CodedError,
  tx: Transaction,
  send: Send,
  atMs: number,
): Promise<(PaymentReply | CodedError)[]> {
  const visible = await findVisible(
    tx,
    requests.map(({ subject, params: { paymentId } }) => ({ subject, paymentId })),
  );
  return takeAll(
    requests.map((request) => {
      const { subject, params } = request;
      const isVisible = visible.has(viewKey({ subject, paymentId: params.paymentId }));
      return isVisible ? stepOf(request) : new CodedError('payment.not_found');
    }),
    tx,
    send,
    atMs,
  );
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
  const resultOf = new Map(steps.map((step, at) => [step, results[at]]));
  return asked.map((step) => {
    const result = step instanceof CodedError ? step : resultOf.get(step);
    if (result === undefined) return new CodedError('payment.not_found');
    return result instanceof CodedError ? result : accepted(result);
  });
}

/** @throws CodedError `payment.not_found`, also for another customer's payment */
async function mine(pool: Pool, subject: string, paymentId: string): Promise<Payment> {
  const payment = await findVisiblePayment(pool, subject, paymentId);
  if (payment === undefined) throw new CodedError('payment.not_found');
  return payment;
}

/** Builds a 202 response: the outcome is pending and will be available at Location. */
function accepted(payment: Payment): PaymentReply {
  return { status: 202, body: view(payment) };
}

/** Answers 201 with the outcome if it arrives within the client's wait time. */
async function withOutcome(
  waiter: OutcomeWaiter,
  reply: PaymentReply,
  waitMs: number,
  isOutcome: (payment: Payment) => boolean,
): Promise<PaymentReply> {
  if (waitMs === 0) return reply;
  const payment = await waiter.wait(reply.body.paymentId, isOutcome, waitMs);
  if (payment === undefined) return reply;
  return {
    ...reply,
    status: 201,
    body: view(payment),
    headers: { ...reply.headers, 'Preference-Applied': 'wait' },
  };
}

function view(payment: Payment): PaymentReply['body'] {
  const {
    paymentId,
    endToEndId,
    source,
    payee,
    amountMinor,
    currency,
    capture,
    status,
    capturedMinor,
    refundedMinor,
    code,
  } = payment;
  return {
    paymentId,
    endToEndId,
    source,
    payee,
    amountMinor,
    currency,
    capture,
    status,
    capturedMinor,
    refundedMinor,
    code,
    createdAt: new Date(payment.createdAtMs).toISOString(),
    updatedAt: new Date(payment.updatedAtMs).toISOString(),
  };
}
