import { idFrom, messages, recalledTopics, type DataOf } from '@tallystick/contracts';
import type { Recollection } from '@tallystick/messaging';
import { open, type OpenContext, type OpenedMessage } from '@tallystick/security';
import { countUsage } from '../domain/authorize.ts';
import type { Authorization, CardUsage } from '../domain/card.ts';
import { insertAuthorizations, lockAuthorizations } from '../store/authorizations.ts';
import { addUsage, lockCards } from '../store/cards.ts';

type Decided = Pick<Authorization, 'authorizationId' | 'cardId' | 'code' | 'requestedAtMs'> &
  Pick<DataOf<typeof messages.cardAuthorize>, 'paymentId' | 'payeeAccountId' | 'amountMinor' | 'currency'>;

/**
 * What this service recalls where its database was set back: whom it approved and declined. What became of the holds
 * it hears again from the ledger. Cards that were issued since are gone: their numbers were nowhere else.
 */
export function recollection(context: Omit<OpenContext, 'nowMs'>): Recollection {
  return {
    topics: recalledTopics.card,
    async recall(own, tx) {
      const decided = (await Promise.all(own.map((message) => decidedBy(message, context)))).flat();
      const [cards, known] = await Promise.all([
        lockCards(tx, [...new Set(decided.map(({ cardId }) => cardId))]),
        lockAuthorizations(
          tx,
          decided.map(({ authorizationId }) => authorizationId),
        ),
      ]);
      const usage: CardUsage = new Map();
      const forgotten = new Map<string, Authorization>();
      for (const one of decided) {
        const card = cards.get(one.cardId);
        if (card === undefined || known.has(one.authorizationId) || forgotten.has(one.authorizationId))
          continue;
        forgotten.set(one.authorizationId, {
          ...one,
          debitAccountId: card.accountId,
          holdId: idFrom('hld', one.authorizationId),
          clearedMinor: 0n,
          status: one.code === undefined ? 'requested' : 'declined',
        });
        if (one.code === undefined) countUsage(usage, one.cardId, one.amountMinor, one.requestedAtMs);
      }
      insertAuthorizations(tx, [...forgotten.values()]);
      addUsage(tx, usage);
    },
  };
}

/** What this service decided, by the command or the event that tells of it. */
async function decidedBy(
  { definition, data, claims }: OpenedMessage,
  context: Omit<OpenContext, 'nowMs'>,
): Promise<Decided[]> {
  const requestedAtMs = claims.iat * 1_000;
  if ((definition as object) === messages.authorizationDeclined) {
    const { authorizationId, cardId, paymentId, payeeAccountId, amountMinor, currency, code } =
      data as DataOf<typeof messages.authorizationDeclined>;
    return [
      { authorizationId, cardId, paymentId, payeeAccountId, amountMinor, currency, code, requestedAtMs },
    ];
  }
  if ((definition as object) !== messages.holdPlace) return [];
  const { evidence } = data as DataOf<typeof messages.holdPlace>;
  if (evidence.kind !== 'decision') return [];
  const topic = (context.topicPrefix ?? '') + messages.cardDecision.topic;
  const decision = await open(
    { topic, key: undefined, value: Buffer.from(evidence.envelope) },
    { ...context, nowMs: requestedAtMs },
  );
  if (!decision.ok) return [];
  const { debitAccountId: _debitAccountId, ...facts } = decision.message.data as DataOf<
    typeof messages.cardDecision
  >;
  return [{ ...facts, code: undefined, requestedAtMs }];
}
