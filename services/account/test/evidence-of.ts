import {
  authorizationIdOf,
  holdIdOf,
  messages,
  operations,
  paymentIdOf,
  refundIdOf,
  transferIdOf,
  transferIdOfOrder,
  type CapturedBy,
} from '@tallystick/contracts';
import type { VerifiedEvidence } from '@tallystick/security';

import type { CommandOf, LedgerCommand } from '../src/domain/book.ts';

export type TakingCommand = Extract<LedgerCommand, { kind: 'hold' | 'transfer' }>;
type Opened = Extract<VerifiedEvidence, { kind: 'order' }>['message'];

const use = (iss: string, jti: string) => ({ iss, jti, usableUntilS: 2_000_000_000 });

const isRefund = (command: TakingCommand): boolean => command.kind === 'transfer' && command.refund;

/** When every order of these tests was signed, in seconds since the epoch. */
export const signedAtS = 1_795_520_000;

/** Gives a command the ids that follow from its payment. */
export function withIds<Command extends TakingCommand>(command: Command): Command {
  const { paymentId = '' } = command;
  if (command.kind === 'hold') return { ...command, holdId: holdIdOf(paymentId) };
  const transferId = isRefund(command)
    ? transferIdOf(paymentId, refundIdOf(paymentId, command))
    : transferIdOfOrder(paymentId);
  return { ...command, transferId };
}

/** Gives a command the ids that follow from a customer's order. */
export function requestedIn<Command extends TakingCommand>(
  command: Command,
  subject: string,
  endToEndId = 'INVOICE-1',
  sourceId = command.debitAccountId,
): Command {
  return withIds({ ...command, paymentId: paymentIdOf({ subject, sourceId, endToEndId }, signedAtS) });
}

/** The terms of an order that its command does not show. */
interface Terms {
  endToEndId?: string;
  capturedBy?: CapturedBy;
}

const orderBody = (
  { kind, debitAccountId, creditAccountId, amountMinor, currency }: TakingCommand,
  { endToEndId = 'INVOICE-1', capturedBy = 'initiator' }: Terms,
) => ({
  source: { kind: 'account' as const, accountId: debitAccountId },
  payee: { kind: 'account' as const, accountId: creditAccountId },
  amountMinor,
  currency,
  capture: kind === 'hold' ? ('manual' as const) : ('automatic' as const),
  capturedBy,
  endToEndId,
});

/** Builds the verified request of a customer for this command. */
export function requestFor(
  command: TakingCommand,
  subject: string,
  jti = 'r1',
  terms: Terms = {},
): VerifiedEvidence & { kind: 'request' } {
  const common = { kind: 'request' as const, subject, use: use('wallet', jti), signedAtS };
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
  return { ...common, operation: operations.createPayment, params: {}, body: orderBody(command, terms) };
}

const opened = (iss: string, jti: string, definition: unknown, data: unknown): Opened =>
  ({ definition, data, claims: { iss, jti } }) as unknown as Opened;

/** Builds the verified order of a third party for this command. */
export function orderFor(
  command: TakingCommand,
  producerId = 'acme',
  jti = 'o1',
  terms: Terms = {},
): VerifiedEvidence & { kind: 'order' } {
  const { paymentId, amountMinor } = command;
  const message = isRefund(command)
    ? opened(producerId, jti, messages.paymentRefund, {
        paymentId,
        refundId: refundIdOf(paymentId ?? '', { amountMinor }),
        amountMinor,
      })
    : opened(producerId, jti, messages.paymentCreate, { paymentId, ...orderBody(command, terms) });
  return { kind: 'order', producerId, message, use: use(producerId, jti) };
}

/** Gives a hold the ids that follow from its holder's order by card. */
export function byCardOf(
  command: TakingCommand & { kind: 'hold' },
  subject: string,
  cardId = 'crd_1',
): TakingCommand & { kind: 'hold' } {
  const ordered = requestedIn(command, subject, undefined, cardId);
  return { ...ordered, authorizationId: authorizationIdOf(ordered.paymentId) };
}

/** Builds the verified decision of the card service for this hold, with the order of the holder. */
export function decisionFor(
  command: TakingCommand & { kind: 'hold' },
  subject: string,
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
    capture: 'manual',
    capturedBy: 'initiator',
  };
  const order = requestFor(command, subject);
  const body = { ...(order.body as object), source: { kind: 'card', cardId } };
  return {
    kind: 'decision',
    message: opened('card', jti, messages.cardDecision, data),
    use: use('card', jti),
    request: { ...order, body },
  };
}

/** The party that signs a capture or cancellation. */
export interface Signer {
  kind: 'subject' | 'producer';
  id: string;
}

/** Builds the verified capture that a command on a hold needs. */
export function captureFor(
  { paymentId, amountMinor, final }: Pick<CommandOf<'post'>, 'paymentId' | 'amountMinor' | 'final'>,
  by: Signer,
  captureId?: string,
): VerifiedEvidence {
  const capture = { amountMinor, final, captureId };
  if (by.kind === 'producer') {
    const message = opened(by.id, 'c1', messages.paymentCapture, { paymentId, ...capture });
    return { kind: 'order', producerId: by.id, message, use: use(by.id, 'c1') };
  }
  const asked = { operation: operations.capturePayment, params: { paymentId }, body: capture };
  return { kind: 'request', subject: by.id, use: use('wallet', 'c1'), signedAtS, ...asked };
}

/** Builds the verified cancellation of a payment. */
export function cancelFor(paymentId: string, by: Signer): VerifiedEvidence {
  if (by.kind === 'producer') {
    const message = opened(by.id, 'x1', messages.paymentCancel, { paymentId });
    return { kind: 'order', producerId: by.id, message, use: use(by.id, 'x1') };
  }
  const asked = { operation: operations.cancelPayment, params: { paymentId }, body: {} };
  return { kind: 'request', subject: by.id, use: use('wallet', 'x1'), signedAtS, ...asked };
}
