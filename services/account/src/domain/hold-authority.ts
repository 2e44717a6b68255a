import {
  authority,
  captureIdOf,
  isOf,
  messages,
  operations,
  transferIdOf,
  transferIdOfOrder,
  type ErrorCode,
  type Role,
} from '@tallystick/contracts';
import type { VerifiedEvidence } from '@tallystick/security';
import type * as z from 'zod';
import type { Account, CommandOf, Hold } from './book.ts';

type HoldCommand = CommandOf<'post' | 'void'>;
type Evidence = VerifiedEvidence | { code: ErrorCode } | undefined;

/** The terms of a signed capture or cancellation. */
interface SignedOrder {
  paymentId: string;
  /** `undefined` for a cancellation. */
  capture?: { captureId?: string | undefined; amountMinor: bigint; final: boolean };
  by: { kind: 'subject' | 'producer'; id: string };
}

/**
 * Returns the reason for which evidence does not permit to post or void a hold; `undefined` if it does. A hold is posted
 * by the capturer that its order named, and voided by the capturer or the payee. An order with automatic capture asks
 * for the full posting itself. The payee is the owner of the credit account.
 * @param credit the credit account of the hold
 */
export function refusalOnHold(
  command: HoldCommand,
  hold: Hold,
  credit: Account | undefined,
  evidence: Evidence,
): ErrorCode | undefined {
  if (command.paymentId !== hold.paymentId) return 'evidence.mismatch';
  if (command.kind === 'post' && hold.capturer?.kind === 'automatic')
    return isCaptureOfOrder(command, hold) ? undefined : 'evidence.mismatch';
  if (evidence === undefined) return 'evidence.invalid';
  if ('code' in evidence) return evidence.code;
  const order = orderIn(evidence);
  if (order === undefined) return 'evidence.kind_refused';
  const allowed: readonly Role[] = authority[command.kind === 'post' ? 'payment.capture' : 'payment.cancel'];
  const roles = rolesOf(order, hold, credit);
  if (!allowed.some((role) => roles.has(role))) return 'evidence.not_owner';
  return asks(order, command) ? undefined : 'evidence.mismatch';
}

function isCaptureOfOrder({ transferId, amountMinor, final }: CommandOf<'post'>, hold: Hold): boolean {
  return transferId === transferIdOfOrder(hold.paymentId) && amountMinor === hold.amountMinor && final;
}

function orderIn(evidence: VerifiedEvidence): SignedOrder | undefined {
  if (evidence.kind === 'order') {
    const { message, producerId } = evidence;
    const by = { kind: 'producer', id: producerId } as const;
    if (isOf(message, messages.paymentCapture))
      return { paymentId: message.data.paymentId, capture: message.data, by };
    if (isOf(message, messages.paymentCancel)) return { paymentId: message.data.paymentId, by };
    return undefined;
  }
  if (evidence.kind === 'decision') return undefined;
  const { operation, params, body, subject } = evidence;
  const by = { kind: 'subject', id: subject } as const;
  const paymentId = params['paymentId'] ?? '';
  if (operation.id === operations.capturePayment.id)
    return { paymentId, capture: body as z.output<typeof operations.capturePayment.body>, by };
  return operation.id === operations.cancelPayment.id ? { paymentId, by } : undefined;
}

/** Returns the roles of the signer. The previous release placed holds without a capturer: only the payee ends those. */
function rolesOf({ by }: SignedOrder, { capturer }: Hold, credit: Account | undefined): Set<Role> {
  const isPayee = by.kind === 'subject' && credit?.ownerId === by.id;
  const roles = new Set<Role>(isPayee ? ['payee'] : []);
  const isCapturer =
    capturer === undefined || capturer.kind === 'payee'
      ? isPayee
      : capturer.kind === by.kind && capturer.id === by.id;
  if (isCapturer) roles.add('capturer');
  return roles;
}

function asks({ paymentId, capture }: SignedOrder, command: HoldCommand): boolean {
  if (paymentId !== command.paymentId) return false;
  if (command.kind === 'void') return capture === undefined;
  return (
    capture !== undefined &&
    capture.amountMinor === command.amountMinor &&
    capture.final === command.final &&
    command.transferId === transferIdOf(paymentId, captureIdOf(paymentId, capture))
  );
}
