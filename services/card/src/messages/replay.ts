import { messages, replayedTopics, type Currency, type DataOf } from '@tallystick/contracts';
import { readByTable, type Replay, type ReplayTable } from '@tallystick/messaging';
import { open, type OpenContext } from '@tallystick/security';
import type { BlockChange } from '../app/block-cards.ts';
import { replayDecisions, type PastDecision } from '../app/replay-decisions.ts';
import { decidedAtMs } from '../domain/authorization.ts';
import { cardStore } from '../store/card-store.ts';

/**
 * Creates the replay of this service after a restore to an earlier point: its approvals, declines and blocks. The outcomes of
 * the holds come again from the ledger. Cards issued since are lost, because their numbers existed nowhere else.
 */
export function replay(context: Omit<OpenContext, 'nowMs'>): Replay {
  const decided = decisionsIn(context);
  return {
    topics: replayedTopics('card'),
    async apply(own, tx) {
      const facts = await readByTable(decided, own);
      const store = cardStore(tx);
      const decisions = facts.flatMap(({ decision }) => decision ?? []);
      await replayDecisions(store, decisions, Date.now());
      // The latest change of each card counts.
      const changes = new Map(
        facts.flatMap(({ block }) => (block === undefined ? [] : [[block.cardId, block]])),
      );
      await store.setBlocked([...changes.values()]);
    },
  };
}

/** What this service decided. */
interface Fact {
  decision?: PastDecision;
  block?: BlockChange;
}

/** The decisions of this service, by the command or event that carries each. */
function decisionsIn(context: Omit<OpenContext, 'nowMs'>): ReplayTable<'card', Fact> {
  return {
    'card.authorization.declined': ({ data, claims }) => {
      const { code, detail: _detail, responseCode: _responseCode, currency, ...facts } = data;
      return [
        {
          decision: {
            request: { ...facts, currency: currency as Currency },
            code,
            decidedAtMs: claims.iat * 1_000,
          },
        },
      ];
    },
    'card.status_changed': ({ data: { cardId, isBlocked, changedAt } }) => [
      { block: { cardId, isBlocked, atMs: Date.parse(changedAt) } },
    ],
    'account.hold.place': async ({ data: { evidence, expiresAt }, claims }) => {
      if (evidence.kind !== 'decision') return [];
      const topic = (context.topicPrefix ?? '') + messages.cardDecision.topic;
      const decision = await open(
        { topic, key: undefined, value: Buffer.from(evidence.envelope) },
        { ...context, nowMs: claims.iat * 1_000 },
      );
      if (!decision.ok) return [];
      const {
        debitAccountId: _debitAccountId,
        capture: _capture,
        capturedBy: _capturedBy,
        ...request
      } = decision.message.data as DataOf<typeof messages.cardDecision>;
      const atMs = decidedAtMs(Date.parse(expiresAt), claims.iat);
      return [{ decision: { request, code: undefined, decidedAtMs: atMs } }];
    },
  };
}
