import { messages, type ErrorCode, type Evidence } from '@tallystick/contracts';
import {
  handledBy,
  inAnswerTo,
  markRefused,
  subscription,
  type Asked,
  type Subscription,
  type UseCase,
} from '@tallystick/messaging';
import {
  seal,
  verifiedOrCode,
  type EvidenceContext,
  type FieldKeys,
  type SigningKey,
  type VerifiedEvidence,
} from '@tallystick/security';
import {
  authorize,
  declineExpired,
  type AskedAuthorization,
  type AuthorizeContext,
} from '../app/authorize.ts';
import { refuseExpiredTokens, tokenize, type AskedToken } from '../app/tokenize.ts';
import { cardStore } from '../store/card-store.ts';

export interface CardContext {
  evidence: Omit<EvidenceContext, 'nowMs'>;
  /** What signs decisions, at the time of asking. */
  signingKey: () => SigningKey;
  fieldKeys: () => FieldKeys;
  nowMs: () => number;
}

/** Handles `card.commands.v1`. */
export function cardCommands(context: CardContext): Subscription {
  const authorization = handledBy(authorizations(context));
  const token = handledBy(tokens(context.fieldKeys));
  return subscription('card', 'card.commands.v1', {
    'card.authorize': authorization((message) => {
      const { evidence, ...request } = message.opened.data;
      return { request, evidence, options: inAnswerTo(message) };
    }),
    'card.tokenize': token((message) => ({ ...message.opened.data, options: inAnswerTo(message) })),
  });
}

type Unverified = Omit<AskedAuthorization, 'evidence'> & { evidence: Evidence };
type Verified = ReadonlyMap<Asked<Unverified>, VerifiedEvidence | { code: ErrorCode }>;

/** Approves and declines payments by card. Their evidence is verified before the transaction. */
function authorizations(context: CardContext): UseCase<Unverified, Verified> {
  return {
    async prepare(asked) {
      const at = { ...context.evidence, nowMs: context.nowMs() };
      return new Map(
        await Promise.all(
          asked.map(async (one) => [one, await verifiedOrCode(one.item.evidence, at)] as const),
        ),
      );
    },
    async carryOut(asked, { prepared, fresh, tx, send }) {
      const nowMs = context.nowMs();
      const store = cardStore(tx);
      const [isNew, state] = await Promise.all([
        fresh,
        store.loadForRequests(
          {
            cardIds: [...new Set(asked.map(({ item }) => item.request.cardId))],
            authorizationIds: asked.map(({ item }) => item.request.authorizationId),
            evidence: [...prepared.values()].flatMap((one) => ('code' in one ? [] : [one.use])),
          },
          nowMs,
        ),
      ]);
      const taken = asked.filter(({ message }) => isNew.has(message));
      const requests = taken.map((one) => ({ ...one.item, evidence: prepared.get(one)! }));
      const codes = await authorize(store, send, state, requests, {
        nowMs,
        signDecision: signDecisions(context),
      });
      codes.forEach((code, at) => {
        if (code !== undefined) markRefused(taken[at]!.message, code);
      });
    },
    async onExpired(asked, tx, send) {
      const requests = asked.map(({ item }) => item);
      const ids = requests.map(({ request }) => request.authorizationId);
      declineExpired(send, await cardStore(tx).loadAuthorizations(ids), requests);
    },
  };
}

function signDecisions({ evidence, signingKey, nowMs }: CardContext): AuthorizeContext['signDecision'] {
  return async (decision, { txn, cause }) => {
    const { value } = await seal(messages.cardDecision, decision, {
      issuer: 'card',
      signingKey: signingKey(),
      topic: evidence.topicPrefix + messages.cardDecision.topic,
      nowMs: nowMs(),
      txn,
      cause,
    });
    return value;
  };
}

/** Exchanges card numbers for ids. */
function tokens(fieldKeys: () => FieldKeys): UseCase<AskedToken> {
  return {
    async carryOut(asked, { fresh, tx, send }) {
      const isNew = await fresh;
      const taken = asked.filter(({ message }) => isNew.has(message));
      const items = taken.map(({ item }) => item);
      const codes = await tokenize(cardStore(tx), send, items, fieldKeys());
      codes.forEach((code, at) => {
        if (code !== undefined) markRefused(taken[at]!.message, code);
      });
    },
    onExpired: async (asked, _tx, send) =>
      refuseExpiredTokens(
        send,
        asked.map(({ item }) => item),
      ),
  };
}
