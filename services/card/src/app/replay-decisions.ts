import { countSpending, type Spending } from '@tallystick/contracts';
import type { Authorization } from '../domain/authorization.ts';
import { newAuthorization, type AuthorizationRequest } from '../domain/authorize.ts';
import type { CardStore } from './card-store.ts';

/** A decision that this service published. */
export interface PastDecision {
  request: AuthorizationRequest;
  /** Why the request was declined; `undefined` if it was approved. */
  code: Authorization['code'];
  decidedAtMs: number;
}

/** Inserts decisions that a restored database lacks. The ledger's own replay delivers the outcomes of their holds. */
export async function replayDecisions(
  store: CardStore,
  decisions: readonly PastDecision[],
  nowMs: number,
): Promise<void> {
  const { cards, authorizations: known } = await store.loadForRequests(
    {
      cardIds: [...new Set(decisions.map(({ request }) => request.cardId))],
      authorizationIds: decisions.map(({ request }) => request.authorizationId),
    },
    nowMs,
  );
  const spent: Spending = new Map();
  const lost = new Map<string, Authorization>();
  for (const { request, code, decidedAtMs } of decisions) {
    const { authorizationId, cardId, amountMinor } = request;
    const card = cards.get(cardId);
    if (card === undefined || known.has(authorizationId) || lost.has(authorizationId)) continue;
    lost.set(authorizationId, newAuthorization(request, card, code, decidedAtMs));
    if (code === undefined) countSpending(spent, cardId, amountMinor, decidedAtMs);
  }
  store.saveDecided({ newAuthorizations: [...lost.values()], spent });
}
