import type { operations } from '@tallystick/contracts';
import type * as z from 'zod';
import type { Movement } from '../domain/payment.ts';
import type { ShownPayment } from '../store/shown-payments.ts';

type PaymentBody = z.output<typeof operations.getPayment.response>;
type CaptureBody = z.output<typeof operations.getCapture.response>;
type RefundBody = z.output<typeof operations.getRefund.response>;

/** Shows a payment to one of its parties. */
export function paymentView(payment: ShownPayment): PaymentBody {
  const {
    paymentId,
    endToEndId,
    source,
    payee,
    amountMinor,
    currency,
    capture,
    capturedBy,
    status,
    capturedMinor,
    refundedMinor,
    movements,
    cancellation,
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
    capturedBy,
    status,
    capturedMinor,
    refundedMinor,
    captures: movements.filter(({ kind }) => kind === 'capture').map(captureView),
    refunds: movements.filter(({ kind }) => kind === 'refund').map(refundView),
    cancellation,
    code,
    createdAt: new Date(payment.createdAtMs).toISOString(),
    updatedAt: new Date(payment.updatedAtMs).toISOString(),
  };
}

/** Shows a capture. */
export function captureView(movement: Movement): CaptureBody {
  return { captureId: movement.operationId, ...outcomeOf(movement) };
}

/** Shows a refund. */
export function refundView(movement: Movement): RefundBody {
  return { refundId: movement.operationId, ...outcomeOf(movement) };
}

function outcomeOf({ status, amountMinor, code, requestedAtMs }: Movement): Omit<CaptureBody, 'captureId'> {
  return { status, amountMinor, code, requestedAt: new Date(requestedAtMs).toISOString() };
}
