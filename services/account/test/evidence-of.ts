import { messages, operations } from '@tallystick/contracts';
import type { VerifiedEvidence } from '@tallystick/security';

import type { LedgerCommand } from '../src/domain/book.ts';

export type TakingCommand = Extract<LedgerCommand, { kind: 'hold' | 'transfer' }>;
type Opened = Extract<VerifiedEvidence, { kind: 'order' }>['message'];

const use = (iss: string, jti: string) => ({ iss, jti, usableUntilS: 2_000_000_000 });

const isRefund = (command: TakingCommand): boolean => command.kind === 'transfer' && command.refund;

const orderBody = ({ kind, debitAccountId, creditAccountId, amountMinor, currency }: TakingCommand) => ({
  source: { kind: 'account' as const, accountId: debitAccountId },
  payee: { kind: 'account' as const, accountId: creditAccountId },
  amountMinor,
  currency,
  capture: kind === 'hold' ? ('manual' as const) : ('automatic' as const),
  endToEndId: 'INVOICE-1',
});

/** Builds the verified request of a customer for this command. */
export function requestFor(
  command: TakingCommand,
  subject: string,
  jti = 'r1',
): VerifiedEvidence & { kind: 'request' } {
  const common = { kind: 'request' as const, subject, use: use('wallet', jti) };
  if (isRefund(command)) {
    const params: Record<string, string> =
      command.paymentId === undefined ? {} : { paymentId: command.paymentId };
    return {
      ...common,
      operation: operations.refundPayment,
      params,
      body: { amountMinor: command.amountMinor },
    };
  }
  if (command.paymentId === undefined) {
    const { debitAccountId, creditAccountId, amountMinor, currency } = command;
    const body = { debitAccountId, creditAccountId, amountMinor, currency };
    return { ...common, operation: operations.transferPost, params: {}, body };
  }
  return { ...common, operation: operations.createPayment, params: {}, body: orderBody(command) };
}

const opened = (iss: string, jti: string, definition: unknown, data: unknown): Opened =>
  ({ definition, data, claims: { iss, jti } }) as unknown as Opened;

/** Builds the verified order of a third party for this command. */
export function orderFor(
  command: TakingCommand,
  producerId = 'acme',
  jti = 'o1',
): VerifiedEvidence & { kind: 'order' } {
  const { paymentId, amountMinor } = command;
  const message = isRefund(command)
    ? opened(producerId, jti, messages.paymentRefund, { paymentId, refundId: 'rfd_1', amountMinor })
    : opened(producerId, jti, messages.paymentCreate, { paymentId, ...orderBody(command) });
  return { kind: 'order', producerId, message, use: use(producerId, jti) };
}

/** Builds the verified decision of the card service for this hold. */
export function decisionFor(
  command: TakingCommand & { kind: 'hold' },
  cardId = 'crd_1',
  jti = 'd1',
): VerifiedEvidence & { kind: 'decision' } {
  const { authorizationId, paymentId, debitAccountId, creditAccountId, amountMinor, currency } = command;
  const data = {
    authorizationId,
    cardId,
    paymentId,
    payeeAccountId: creditAccountId,
    amountMinor,
    currency,
    debitAccountId,
  };
  return {
    kind: 'decision',
    message: opened('card', jti, messages.cardDecision, data),
    use: use('card', jti),
  };
}
