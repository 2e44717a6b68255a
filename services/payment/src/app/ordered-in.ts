import {
  captureIdOf,
  lift,
  liftBody,
  messages,
  operations,
  refundIdOf,
  services,
  type DataOf,
  type Evidence,
  type OperationDefinition,
} from '@tallystick/contracts';
import { claimed, parseExactJson } from '@tallystick/security';
import type * as z from 'zod';
import type { Movement, PaymentOrder } from '../domain/payment.ts';

/** An order as read from its evidence. */
export interface OrderedPayment {
  order: Omit<PaymentOrder, 'paymentId'>;
  /** The payment id of a third party's order; a customer's request has none. */
  paymentId?: string;
}

/**
 * Reads the order from a piece of evidence, in the version in which it was signed. Our signature on the command proves
 * that the evidence was verified then: its key may be revoked or replaced today, but the payment still exists.
 * @returns `undefined` if the evidence orders no payment
 */
export function orderedIn(evidence: Evidence): OrderedPayment | undefined {
  if (evidence.kind === 'order') {
    const { iss, version, data } = claimed(Buffer.from(evidence.envelope));
    const created = messages.paymentCreate.versions[Number(version)]?.data.safeParse(data);
    // A service never orders a payment.
    if (created?.success !== true || typeof iss !== 'string' || isService(iss)) return undefined;
    const { paymentId, ...order } = lift(messages.paymentCreate, Number(version), created.data) as DataOf<
      typeof messages.paymentCreate
    >;
    return { paymentId, order: { ...order, initiator: { kind: 'producer', id: iss } } };
  }
  if (evidence.kind !== 'request') return undefined;
  const { sub } = claimed(Buffer.from(evidence.accessToken));
  const body = bodyOf(operations.createPayment, parseExactJson(evidence.body));
  if (body === undefined || typeof sub !== 'string') return undefined;
  const order = body as z.output<typeof operations.createPayment.body>;
  return { order: { ...order, initiator: { kind: 'subject', id: sub } } };
}

/**
 * Reads the id of the capture or refund that a piece of evidence orders. Like an order it was verified before.
 * @returns `undefined` if the evidence orders no such movement of the payment
 */
export function movementIn(
  kind: Movement['kind'],
  paymentId: string,
  evidence: Evidence,
): string | undefined {
  if (evidence.kind === 'order') {
    const { data } = claimed(Buffer.from(evidence.envelope)) as { data?: Record<string, unknown> };
    const id = data?.[kind === 'capture' ? 'captureId' : 'refundId'];
    return typeof id === 'string' ? id : undefined;
  }
  if (evidence.kind !== 'request') return undefined;
  const sent = parseExactJson(evidence.body);
  if (kind === 'capture') {
    const body = bodyOf(operations.capturePayment, sent);
    return body === undefined
      ? undefined
      : captureIdOf(paymentId, body as z.output<typeof operations.capturePayment.body>);
  }
  const body = bodyOf(operations.refundPayment, sent);
  return body === undefined
    ? undefined
    : refundIdOf(paymentId, body as z.output<typeof operations.refundPayment.body>);
}

/** Lifts a body to the newest version. Bodies are closed, so a body fits exactly one version. */
function bodyOf(operation: OperationDefinition, sent: unknown): unknown {
  for (const [version, { body }] of Object.entries(operation.versions)) {
    const parsed = body.safeParse(sent);
    if (parsed.success) return liftBody(operation, Number(version), parsed.data);
  }
  return undefined;
}

function isService(producerId: string): boolean {
  return (services as readonly string[]).includes(producerId);
}
