import { CodedError, newId, newJti, operations } from '@tallystick/contracts';
import type { Edge, Reply } from '@tallystick/http';
import type { Send } from '@tallystick/messaging';
import type { Pool, Transaction } from '@tallystick/postgres';
import type * as z from 'zod';
import type { Payment } from '../domain/payment.ts';
import { findVisiblePayment, findVisiblePayments, isPayee } from '../store/payments.ts';
import { loadState, takeSteps, type PaymentStep } from '../take-steps.ts';
import type { OutcomeWaiter } from './outcome-waiter.ts';

type PaymentReply = Reply<z.output<typeof operations.getPayment.response>>;

/** Makes, collects, cancels, refunds and shows payments. A customer touches only what is theirs. */
export function paymentRoutes(
  edge: Edge<Send>,
  pool: Pool,
  waiter: OutcomeWaiter,
  nowMs: () => number,
): void {
  edge.write(
    operations.createPayment,
    async ({ subject, body, evidence }, tx, send) => {
      const paymentId = newId('pay');
      const payment = await take(tx, send, nowMs(), {
        kind: 'create',
        paymentId,
        order: { ...body, initiator: { kind: 'subject', id: subject } },
        evidence: evidence(),
        txn: newJti(),
        options: {},
      });
      return accepted(payment);
    },
    (reply, { waitMs }) =>
      settle(
        waiter,
        reply,
        waitMs,
        ({ status, capture, capturingMinor }) =>
          status !== 'requested' && (capture === 'manual' || capturingMinor === 0n),
      ),
  );

  edge.write(
    operations.capturePayment,
    async ({ subject, params: { paymentId }, body }, tx, send) => {
      await mine(tx, subject, paymentId);
      const order = { captureId: newId('cap'), ...body };
      return accepted(
        await take(tx, send, nowMs(), {
          kind: 'capture',
          paymentId,
          order,
          by: { kind: 'subject', id: subject },
          options: {},
        }),
      );
    },
    (reply, { waitMs }) => settle(waiter, reply, waitMs, ({ capturingMinor }) => capturingMinor === 0n),
  );

  edge.write(
    operations.cancelPayment,
    async ({ subject, params: { paymentId } }, tx, send) => {
      await mine(tx, subject, paymentId);
      return accepted(
        await take(tx, send, nowMs(), {
          kind: 'cancel',
          paymentId,
          by: { kind: 'subject', id: subject },
          options: {},
        }),
      );
    },
    (reply, { waitMs }) => settle(waiter, reply, waitMs, ({ status }) => status !== 'authorized'),
  );

  edge.write(
    operations.refundPayment,
    async ({ subject, params: { paymentId }, body, evidence }, tx, send) => {
      const payment = await mine(tx, subject, paymentId);
      if (!(await isPayee(tx, subject, payment))) {
        throw new CodedError('payment.state_conflict', { detail: 'only the payee can give a payment back' });
      }
      const order = { refundId: newId('rfd'), ...body };
      const by = { kind: 'subject', id: subject } as const;
      return accepted(
        await take(tx, send, nowMs(), {
          kind: 'refund',
          paymentId,
          order,
          evidence: evidence(),
          by,
          options: {},
        }),
      );
    },
    (reply, { waitMs }) => settle(waiter, reply, waitMs, ({ refundingMinor }) => refundingMinor === 0n),
  );

  edge.read(operations.getPayment, async ({ subject, params: { paymentId } }) => ({
    body: view(await mine(pool, subject, paymentId)),
  }));

  edge.read(operations.listPayments, async ({ subject, query: { limit } }) => ({
    body: { payments: (await findVisiblePayments(pool, subject, limit)).map(view) },
  }));
}

async function take(tx: Transaction, send: Send, atMs: number, step: PaymentStep): Promise<Payment> {
  const [result] = takeSteps(tx, send, await loadState(tx, [step]), [step], atMs);
  if (result === undefined) throw new CodedError('payment.not_found');
  if (result instanceof CodedError) throw result;
  return result;
}

/** @throws CodedError `payment.not_found`, also where it is somebody else's */
async function mine(on: Pool | Transaction, subject: string, paymentId: string): Promise<Payment> {
  const payment = await findVisiblePayment(on, subject, paymentId);
  if (payment === undefined) throw new CodedError('payment.not_found');
  return payment;
}

/** 202: the outcome is still to come, and stands at Location. */
function accepted(payment: Payment): PaymentReply {
  return { status: 202, body: view(payment), headers: { Location: `/v1/payments/${payment.paymentId}` } };
}

/** Answers 201 with the outcome, where it comes within the time that the client waits. */
async function settle(
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
    payeeAccountId,
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
    payeeAccountId,
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
