import type { ErrorCode, Evidence } from '@tallystick/contracts';
import {
  answeredAlike,
  handledBy,
  inAnswerTo,
  markRefused,
  subscription,
  type Asked,
  type Subscription,
  type UseCase,
} from '@tallystick/messaging';
import type { Transaction } from '@tallystick/postgres';
import type { FieldKeys, VerifiedEvidence } from '@tallystick/security';
import {
  authorize,
  declineExpired,
  type AskedAuthorization,
  type AuthorizeContext,
} from '../app/authorize.ts';
import type { CardStore } from '../app/card-store.ts';
import { tellStatus, type StatusRequest } from '../app/tell-status.ts';
import { refuseExpiredTokens, tokenize, type AskedToken } from '../app/tokenize.ts';

export interface CardContext extends Pick<AuthorizeContext, 'signDecision'> {
  storeOf: (tx: Transaction) => CardStore;
  /** Verifies the request that a holder signed. */
  verify: (evidence: Evidence) => Promise<VerifiedEvidence | { code: ErrorCode }>;
  /** Reads the field keys and holds them until the transaction ends. */
  fieldKeys: (tx: Transaction) => Promise<FieldKeys>;
  nowMs: () => number;
}

/** Handles `card.commands.v1`. */
export function cardCommands(context: CardContext): Subscription {
  const authorization = handledBy(authorizations(context));
  const token = handledBy(tokens(context));
  const status = handledBy(statusRequests(context));
  return subscription('card', 'card.commands.v1', {
    'card.authorize': authorization((message) => {
      const { evidence, ...request } = message.opened.data;
      return { request, signed: evidence, options: inAnswerTo(message) };
    }),
    'card.authorization.request_status': status((message) => ({
      request: message.opened.data,
      options: inAnswerTo(message),
    })),
    'card.tokenize': token((message) => ({
      ...message.opened.data,
      producerId: message.opened.claims.iss,
      options: inAnswerTo(message),
    })),
  });
}

type Unverified = Omit<AskedAuthorization, 'evidence'>;
type Verified = ReadonlyMap<Asked<Unverified>, VerifiedEvidence | { code: ErrorCode }>;

/** Approves and declines payments by card. It verifies their evidence before the transaction. */
function authorizations({
  storeOf,
  verify,
  signDecision,
  nowMs,
}: CardContext): UseCase<Unverified, Verified> {
  return {
    async prepare(asked) {
      return new Map(
        await Promise.all(asked.map(async (one) => [one, await verify(one.item.signed)] as const)),
      );
    },
    async carryOut(asked, { prepared, firstSeen, tx, send }) {
      const atMs = nowMs();
      const store = storeOf(tx);
      const [isNew, state] = await Promise.all([
        firstSeen,
        store.loadForRequests(
          {
            cardIds: [...new Set(asked.map(({ item }) => item.request.cardId))],
            authorizationIds: asked.map(({ item }) => item.request.authorizationId),
          },
          atMs,
        ),
      ]);
      const taken = asked.filter(({ message }) => isNew.has(message));
      const requests = taken.map((one) => ({ ...one.item, evidence: prepared.get(one)! }));
      const codes = await authorize(store, send, state, requests, { nowMs: atMs, signDecision });
      codes.forEach((code, at) => {
        if (code !== undefined) markRefused(taken[at]!.message, code);
      });
    },
    async onExpired(asked, tx, send) {
      const requests = asked.map(({ item }) => item);
      const ids = requests.map(({ request }) => request.authorizationId);
      declineExpired(send, await storeOf(tx).loadAuthorizations(ids), requests);
    },
  };
}

/** Tells the outcomes of earlier authorizations again. */
function statusRequests({ storeOf, nowMs }: CardContext): UseCase<StatusRequest> {
  return answeredAlike(async (requests, tx, send) => {
    const ids = requests.map(({ request }) => request.authorizationId);
    tellStatus(send, await storeOf(tx).loadAuthorizations(ids), requests, nowMs());
  });
}

/** Exchanges card numbers for the producers' tokens. */
function tokens({ storeOf, fieldKeys, nowMs }: CardContext): UseCase<AskedToken> {
  return {
    async carryOut(asked, { firstSeen, tx, send }) {
      const [isNew, keys] = await Promise.all([firstSeen, fieldKeys(tx)]);
      const taken = asked.filter(({ message }) => isNew.has(message));
      const items = taken.map(({ item }) => item);
      const codes = await tokenize(storeOf(tx), send, items, keys, nowMs());
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
