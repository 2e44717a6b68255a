import {
  lift,
  liftBody,
  messages,
  operations,
  services,
  type DataOf,
  type Evidence,
  type OperationDefinition,
} from '@tallystick/contracts';
import { claimed, parseJson } from '@tallystick/security';
import type * as z from 'zod';
import type { PaymentOrder } from '../domain/payment.ts';

/** An order as a piece of evidence holds it. */
export interface OrderedPayment {
  order: Omit<PaymentOrder, 'paymentId'>;
  /** As a third party's order names it; a customer's request does not. */
  paymentId?: string;
}

/**
 * Reads what a piece of evidence orders, in whichever version it was signed. That it was checked then is what our
 * signature on the command says: today its key may be revoked, or replaced, and the payment is there all the same.
 * @returns `undefined` where it orders no payment
 */
export function orderedIn(evidence: Evidence): OrderedPayment | undefined {
  if (evidence.kind === 'order') {
    const { iss, version, data } = claimed(Buffer.from(evidence.envelope));
    const created = messages.paymentCreate.versions[Number(version)]?.data.safeParse(data);
    // A service orders nothing.
    if (created?.success !== true || typeof iss !== 'string' || isService(iss)) return undefined;
    const { paymentId, ...order } = lift(messages.paymentCreate, Number(version), created.data) as DataOf<
      typeof messages.paymentCreate
    >;
    return { paymentId, order: { ...order, initiator: { kind: 'producer', id: iss } } };
  }
  if (evidence.kind !== 'request') return undefined;
  const { sub } = claimed(Buffer.from(evidence.accessToken));
  const body = bodyOf(operations.createPayment, parseJson(evidence.body));
  if (body === undefined || typeof sub !== 'string') return undefined;
  const order = body as z.output<typeof operations.createPayment.body>;
  return { order: { ...order, initiator: { kind: 'subject', id: sub } } };
}

/** A body in the newest version, whichever it was sent in: bodies are closed, so it fits one version. */
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
