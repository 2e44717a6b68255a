import { isOf, messages, operations, type ErrorCode, type Grantee } from '@tallystick/contracts';
import type { VerifiedEvidence } from '@tallystick/security';
import type * as z from 'zod';
import type { Account, LedgerCommand } from './book.ts';

type TakingCommand = Extract<LedgerCommand, { kind: 'hold' | 'transfer' }>;

/** The authority that evidence gives to a command: none, the owner's own, or a mandate of the owner. */
export type Authority = { code: ErrorCode } | { by: 'owner' } | { by: 'mandate'; grantee: Grantee };

const mismatch: Authority = { code: 'evidence.mismatch' };

/**
 * Compares a command that takes money with the evidence that the account owner signed. Account, amount, currency and
 * payee must be equal, and a refund must name its payment.
 */
export function authorityOf(command: TakingCommand, debit: Account, evidence: VerifiedEvidence): Authority {
  switch (evidence.kind) {
    case 'order':
      return byOrder(command, evidence);
    case 'decision':
      return byDecision(command, evidence);
    case 'request':
      return byRequest(command, debit, evidence);
  }
}

function byOrder(
  command: TakingCommand,
  { message, producerId }: VerifiedEvidence & { kind: 'order' },
): Authority {
  const grantee = { kind: 'producer', id: producerId } as const;
  if (isOf(message, messages.paymentCreate) && !isRefund(command)) {
    const order = message.data;
    const same = order.paymentId === command.paymentId && sameOrder(order, command);
    return same ? { by: 'mandate', grantee } : mismatch;
  }
  if (isOf(message, messages.paymentRefund) && isRefund(command)) {
    const order = message.data;
    const same = order.paymentId === command.paymentId && order.amountMinor === command.amountMinor;
    return same ? { by: 'mandate', grantee } : mismatch;
  }
  return { code: 'evidence.kind_refused' };
}

function byDecision(command: TakingCommand, { message }: VerifiedEvidence & { kind: 'decision' }): Authority {
  if (!isOf(message, messages.cardDecision) || command.kind !== 'hold')
    return { code: 'evidence.kind_refused' };
  const decision = message.data;
  const same =
    decision.authorizationId === command.authorizationId &&
    decision.paymentId === command.paymentId &&
    decision.debitAccountId === command.debitAccountId &&
    decision.payeeAccountId === command.creditAccountId &&
    decision.amountMinor === command.amountMinor &&
    decision.currency === command.currency;
  return same ? { by: 'mandate', grantee: { kind: 'card', id: decision.cardId } } : mismatch;
}

function byRequest(
  command: TakingCommand,
  debit: Account,
  evidence: VerifiedEvidence & { kind: 'request' },
): Authority {
  if (evidence.subject !== debit.ownerId) return { code: 'evidence.not_owner' };
  return requestAsks(command, evidence) ? { by: 'owner' } : mismatch;
}

function requestAsks(
  command: TakingCommand,
  { operation, params, body }: VerifiedEvidence & { kind: 'request' },
): boolean {
  switch (operation.id) {
    case operations.createPayment.id:
      return !isRefund(command) && sameOrder(body as z.output<typeof operations.createPayment.body>, command);
    case operations.refundPayment.id: {
      const { amountMinor } = body as z.output<typeof operations.refundPayment.body>;
      return (
        isRefund(command) && params['paymentId'] === command.paymentId && amountMinor === command.amountMinor
      );
    }
    case operations.transferPost.id: {
      const asked = body as z.output<typeof operations.transferPost.body>;
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
    default:
      return false;
  }
}

interface OrderedPayment {
  source: { kind: 'account'; accountId: string } | { kind: 'card'; cardId: string };
  payee: { kind: 'account'; accountId: string };
  amountMinor: bigint;
  currency: string;
  capture: 'automatic' | 'manual';
}

function sameOrder(
  { source, payee, amountMinor, currency, capture }: OrderedPayment,
  command: TakingCommand,
): boolean {
  return (
    // An order with manual capture authorizes a hold only, not an immediate transfer.
    (capture === 'manual' ? 'hold' : 'transfer') === command.kind &&
    source.kind === 'account' &&
    source.accountId === command.debitAccountId &&
    payee.kind === 'account' &&
    payee.accountId === command.creditAccountId &&
    amountMinor === command.amountMinor &&
    currency === command.currency
  );
}

function isRefund(command: TakingCommand): boolean {
  return command.kind === 'transfer' && command.refund;
}
