import {
  authorizationIdOf,
  holdIdOf,
  isOf,
  messages,
  operations,
  paymentIdOf,
  refundIdOf,
  transferIdOf,
  transferIdOfOrder,
  wishOf,
  type CapturedBy,
  type ErrorCode,
  type Grantee,
} from '@tallystick/contracts';
import type { VerifiedEvidence, VerifiedRequest } from '@tallystick/security';
import type * as z from 'zod';
import type { Account, Capturer, LedgerCommand } from './book.ts';

type TakingCommand = Extract<LedgerCommand, { kind: 'hold' | 'transfer' }>;

/** The authority that evidence gives to a command that takes money: the owner's own, or a mandate of the owner. */
export type Authority =
  | { code: ErrorCode }
  | {
      /** Whose mandate the amount counts against; `undefined` for the owner's own order. */
      grantee?: Grantee;
      /** The name of an order over HTTP. A producer's order is named by its payment id, and so by the ids that follow. */
      wish?: string;
      /** Who may post the hold that the order places. */
      capturer?: Capturer;
    };

type Order = z.output<typeof operations.createPayment.body>;

const mismatch: Authority = { code: 'evidence.mismatch' };
const refused: Authority = { code: 'evidence.kind_refused' };

/**
 * Compares a command that takes money with the evidence that the account owner signed. Account, amount, currency, payee
 * and capture must be equal. All ids must follow from the name of the order, so that one order moves money once.
 */
export function authorityOf(
  command: TakingCommand,
  debit: Account | undefined,
  evidence: VerifiedEvidence,
): Authority {
  switch (evidence.kind) {
    case 'order':
      return byOrder(command, evidence);
    case 'decision':
      return byDecision(command, debit, evidence);
    case 'request':
      return byRequest(command, debit, evidence);
  }
}

function byOrder(
  command: TakingCommand,
  { message, producerId }: VerifiedEvidence & { kind: 'order' },
): Authority {
  const grantee = { kind: 'producer', id: producerId } as const;
  const { paymentId } = command;
  if (isOf(message, messages.paymentCreate) && !isRefund(command)) {
    const order = message.data;
    const same = order.paymentId === paymentId && hasIdsOf(paymentId, command) && sameOrder(order, command);
    return same ? { grantee, capturer: capturerOf(order, grantee) } : mismatch;
  }
  if (isOf(message, messages.paymentRefund) && isRefund(command)) {
    const order = message.data;
    const same = order.paymentId === paymentId && refunds(paymentId, command, order);
    return same ? { grantee } : mismatch;
  }
  return refused;
}

function byDecision(
  command: TakingCommand,
  debit: Account | undefined,
  { message, request }: VerifiedEvidence & { kind: 'decision' },
): Authority {
  if (!isOf(message, messages.cardDecision) || command.kind !== 'hold') return refused;
  if (request.operation.id !== operations.createPayment.id) return refused;
  if (debit === undefined || request.subject !== debit.ownerId) return { code: 'evidence.not_owner' };
  const decision = message.data;
  const order = request.body as Order;
  const { wish, paymentId } = wishIn(request, order);
  const same =
    order.source.kind === 'card' &&
    order.source.cardId === decision.cardId &&
    order.capture === decision.capture &&
    order.capturedBy === decision.capturedBy &&
    decision.paymentId === paymentId &&
    decision.authorizationId === authorizationIdOf(paymentId) &&
    decision.authorizationId === command.authorizationId &&
    decision.debitAccountId === command.debitAccountId &&
    decision.payeeAccountId === command.creditAccountId &&
    decision.amountMinor === command.amountMinor &&
    decision.currency === command.currency &&
    command.paymentId === paymentId &&
    hasIdsOf(paymentId, command) &&
    sameTerms(order, command);
  if (!same) return mismatch;
  const capturer = capturerOf(order, { kind: 'subject', id: request.subject });
  return { grantee: { kind: 'card', id: decision.cardId }, wish, capturer };
}

function byRequest(
  command: TakingCommand,
  debit: Account | undefined,
  request: VerifiedEvidence & { kind: 'request' },
): Authority {
  // An account of somebody else is answered like one that does not exist.
  if (debit === undefined || request.subject !== debit.ownerId) return { code: 'ledger.account_not_found' };
  switch (request.operation.id) {
    case operations.createPayment.id: {
      const order = request.body as Order;
      const { wish, paymentId } = wishIn(request, order);
      const same =
        !isRefund(command) &&
        command.paymentId === paymentId &&
        hasIdsOf(paymentId, command) &&
        sameOrder(order, command);
      return same
        ? { wish, capturer: capturerOf(order, { kind: 'subject', id: request.subject }) }
        : mismatch;
    }
    case operations.refundPayment.id: {
      const order = request.body as z.output<typeof operations.refundPayment.body>;
      const paymentId = request.params['paymentId'];
      const same =
        isRefund(command) && paymentId === command.paymentId && refunds(command.paymentId, command, order);
      return same ? {} : mismatch;
    }
    case operations.transferPost.id:
      return sameTransfer(request.body as z.output<typeof operations.transferPost.body>, command)
        ? {}
        : mismatch;
    default:
      return mismatch;
  }
}

/** Returns the name of the order over HTTP in a piece of evidence; `undefined` if it has none. */
export function wishOfEvidence(evidence: VerifiedEvidence): string | undefined {
  const request = evidence.kind === 'decision' ? evidence.request : evidence;
  return request.kind === 'request' && request.operation.id === operations.createPayment.id
    ? wishIn(request, request.body as Order).wish
    : undefined;
}

function wishIn(
  { subject, signedAtS }: VerifiedRequest,
  { source, endToEndId }: Order,
): { wish: string; paymentId: string } {
  const name = {
    subject,
    sourceId: source.kind === 'account' ? source.accountId : source.cardId,
    endToEndId,
  };
  return { wish: wishOf(name), paymentId: paymentIdOf(name, signedAtS) };
}

/** Returns whether the ids of a payment's first command follow from the payment. */
function hasIdsOf(paymentId: string | undefined, command: TakingCommand): boolean {
  if (paymentId === undefined) return false;
  return command.kind === 'hold'
    ? command.holdId === holdIdOf(paymentId)
    : command.transferId === transferIdOfOrder(paymentId);
}

function refunds(
  paymentId: string | undefined,
  command: TakingCommand,
  order: { refundId?: string | undefined; amountMinor: bigint },
): boolean {
  return (
    paymentId !== undefined &&
    command.kind === 'transfer' &&
    command.transferId === transferIdOf(paymentId, refundIdOf(paymentId, order)) &&
    command.amountMinor === order.amountMinor
  );
}

function sameOrder(order: Order, command: TakingCommand): boolean {
  return (
    // An order with manual capture authorizes a hold only, not an immediate transfer.
    (order.capture === 'manual' ? 'hold' : 'transfer') === command.kind &&
    order.source.kind === 'account' &&
    order.source.accountId === command.debitAccountId &&
    sameTerms(order, command)
  );
}

function sameTerms({ payee, amountMinor, currency }: Order, command: TakingCommand): boolean {
  return (
    payee.kind === 'account' &&
    payee.accountId === command.creditAccountId &&
    amountMinor === command.amountMinor &&
    currency === command.currency
  );
}

function sameTransfer(asked: z.output<typeof operations.transferPost.body>, command: TakingCommand): boolean {
  return (
    command.kind === 'transfer' &&
    !command.refund &&
    command.paymentId === undefined &&
    asked.debitAccountId === command.debitAccountId &&
    asked.creditAccountId === command.creditAccountId &&
    asked.amountMinor === command.amountMinor &&
    asked.currency === command.currency
  );
}

function capturerOf(
  { capture, capturedBy }: { capture: Order['capture']; capturedBy: CapturedBy },
  initiator: Capturer,
): Capturer {
  if (capture === 'automatic') return { kind: 'automatic' };
  return capturedBy === 'payee' ? { kind: 'payee' } : initiator;
}

function isRefund(command: TakingCommand): boolean {
  return command.kind === 'transfer' && command.refund;
}
