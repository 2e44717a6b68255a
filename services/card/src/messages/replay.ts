import { messages, replayedTopics, type Currency, type DataOf } from '@tallystick/contracts';
import { readByTable, type Replay, type ReplayTable } from '@tallystick/messaging';
import { open, type OpenContext } from '@tallystick/security';
import { replayDecisions, type PastDecision } from '../app/replay-decisions.ts';
import { cardStore } from '../store/card-store.ts';

/**
 * What this service replays after its database was restored to an earlier point: whom it approved and declined. What
 * became of the holds it hears again from the ledger. Cards that were issued since are lost: their numbers were nowhere
 * else.
 */
export function replay(context: Omit<OpenContext, 'nowMs'>): Replay {
  const decided = decisionsIn(context);
  return {
    topics: replayedTopics('card'),
    async apply(own, tx) {
      const decisions = await readByTable(decided, own);
      await replayDecisions(cardStore(tx), decisions, Date.now());
    },
  };
}

/** What this service decided, by the command or the event that tells it. */
function decisionsIn(context: Omit<OpenContext, 'nowMs'>): ReplayTable<'card', PastDecision> {
  return {
    'card.authorization.declined': ({ data, claims }) => {
      const { code, detail: _detail, responseCode: _responseCode, currency, ...facts } = data;
      return [
        { request: { ...facts, currency: currency as Currency }, code, decidedAtMs: claims.iat * 1_000 },
      ];
    },
    'account.hold.place': async ({ data: { evidence }, claims }) => {
      if (evidence.kind !== 'decision') return [];
      const decidedAtMs = claims.iat * 1_000;
      const topic = (context.topicPrefix ?? '') + messages.cardDecision.topic;
      const decision = await open(
        { topic, key: undefined, value: Buffer.from(evidence.envelope) },
        { ...context, nowMs: decidedAtMs },
      );
      if (!decision.ok) return [];
      const { debitAccountId: _debitAccountId, ...request } = decision.message.data as DataOf<
        typeof messages.cardDecision
      >;
      return [{ request, code: undefined, decidedAtMs }];
    },
  };
}
