import { messages, type DataOf, type ErrorCode } from '@tallystick/contracts';
import { inAnswerTo, isOf, type IncomingMessage, type Send, type Subscription } from '@tallystick/messaging';
import type { Transaction } from '@tallystick/postgres';
import { countUsage, responseCodeOf } from '../domain/authorize.ts';
import type { Authorization, CardUsage } from '../domain/card.ts';
import { lockAuthorizations, updateAuthorizations } from '../store/authorizations.ts';
import { addUsage, settleCards } from '../store/cards.ts';

type HoldEvent = IncomingMessage<
  | DataOf<typeof messages.holdPlaced>
  | DataOf<typeof messages.holdRejected>
  | DataOf<typeof messages.holdEnded>
>;

/** Handles `account.events.v1`: what the ledger made of a card's mandate, and of the holds behind authorizations. */
export const accountEvents: Subscription = {
  types: [
    messages.mandateGranted,
    messages.mandateRejected,
    messages.holdPlaced,
    messages.holdRejected,
    messages.holdEnded,
  ],
  async handle({ messages: incoming, fresh }, tx, send) {
    const holds = incoming.filter(isHoldEvent);
    const [isNew, authorizations] = await Promise.all([
      fresh,
      lockAuthorizations(
        tx,
        holds.map(({ opened }) => opened.data.authorizationId!),
      ),
    ]);
    follow(
      holds.filter((message) => isNew.has(message)),
      authorizations,
      tx,
      send,
    );
    await settleIssued([...isNew], tx, send);
  },
};

/** What became of a hold behind an authorization; the holds of other payments are no business of cards. */
function isHoldEvent(message: IncomingMessage): message is HoldEvent {
  return (
    (isOf(message, messages.holdPlaced) ||
      isOf(message, messages.holdRejected) ||
      isOf(message, messages.holdEnded)) &&
    message.opened.data.authorizationId !== undefined
  );
}

interface Settled {
  message: IncomingMessage;
  mandateId: string;
  code: ErrorCode | undefined;
}

async function settleIssued(
  incoming: readonly IncomingMessage[],
  tx: Transaction,
  send: Send,
): Promise<void> {
  const settled = incoming.flatMap((message): Settled[] => {
    if (isOf(message, messages.mandateGranted))
      return [{ message, mandateId: message.opened.data.mandateId, code: undefined }];
    if (isOf(message, messages.mandateRejected)) {
      const { mandateId, code } = message.opened.data;
      return [{ message, mandateId, code }];
    }
    return [];
  });
  const changed = new Map(
    (await settleCards(tx, settled)).map(({ mandateId, cardId }) => [mandateId, cardId]),
  );
  for (const { message, mandateId, code } of settled) {
    const cardId = changed.get(mandateId);
    if (cardId === undefined) continue;
    if (code === undefined) send(messages.cardActivated, { cardId }, inAnswerTo(message));
    else send(messages.cardIssueFailed, { cardId, code }, inAnswerTo(message));
  }
}

function follow(
  holds: readonly HoldEvent[],
  authorizations: ReadonlyMap<string, Authorization>,
  tx: Transaction,
  send: Send,
): void {
  const changed = new Set<Authorization>();
  const usage: CardUsage = new Map();
  for (const message of holds) {
    const authorization = authorizations.get(message.opened.data.authorizationId!);
    if (authorization !== undefined && step(authorization, message, usage, send)) changed.add(authorization);
  }
  updateAuthorizations(tx, [...changed]);
  addUsage(tx, usage);
}

/** @returns whether the authorization changed; an event that comes late or twice changes nothing */
function step(authorization: Authorization, message: HoldEvent, usage: CardUsage, send: Send): boolean {
  const {
    authorizationId,
    cardId,
    paymentId,
    payeeAccountId,
    amountMinor,
    currency,
    holdId,
    debitAccountId,
  } = authorization;
  const facts = { authorizationId, cardId, paymentId, payeeAccountId, amountMinor, currency };
  if (isOf(message, messages.holdPlaced)) {
    if (authorization.status !== 'requested') return false;
    authorization.status = 'approved';
    send(messages.authorizationApproved, { ...facts, holdId, debitAccountId }, inAnswerTo(message));
    return true;
  }
  if (isOf(message, messages.holdRejected)) {
    if (authorization.status !== 'requested') return false;
    const code: ErrorCode = message.opened.data.code;
    authorization.status = 'declined';
    authorization.code = code;
    countUsage(usage, cardId, -amountMinor, authorization.requestedAtMs);
    send(
      messages.authorizationDeclined,
      { ...facts, code, responseCode: responseCodeOf(code) },
      inAnswerTo(message),
    );
    return true;
  }
  if (!isOf(message, messages.holdEnded) || authorization.status === 'ended') return false;
  // It was placed before it ended, whichever word of it comes first: the payment waits for this one.
  if (authorization.status === 'requested') {
    send(messages.authorizationApproved, { ...facts, holdId, debitAccountId }, inAnswerTo(message));
  }
  authorization.status = 'ended';
  authorization.clearedMinor = message.opened.data.postedMinor;
  send(
    messages.authorizationEnded,
    { authorizationId, cardId, paymentId, clearedMinor: authorization.clearedMinor },
    inAnswerTo(message),
  );
  return true;
}
