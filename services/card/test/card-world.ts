import { randomBytes } from 'node:crypto';
import {
  authorizationIdOf,
  messages,
  newId,
  operations,
  paymentIdOf,
  type DataOf,
  type RequestEvidence,
} from '@tallystick/contracts';
import {
  newKey,
  publicUrl,
  issuer,
  requestEvidence,
  startEdgeWorld,
  type EdgeWorld,
} from '@tallystick/http/testing';
import { messagingMigrations, type Subscription } from '@tallystick/messaging';
import { noteSent, type SentMessage } from '@tallystick/messaging/testing';
import { transaction } from '@tallystick/postgres';
import { seal, verifiedOrCode, type KeySet } from '@tallystick/security';

import { endIssuing } from '../src/app/end-issuing.ts';
import { issueCards } from '../src/app/issue-cards.ts';
import type { Authorization } from '../src/domain/authorization.ts';
import { StoredFieldKeys } from '../src/field-keys.ts';
import { accountEvents } from '../src/messages/account-events.ts';
import { cardCommands, type CardContext } from '../src/messages/card-commands.ts';
import { cardStore } from '../src/store/card-store.ts';
import { cardSchema } from '../src/store/schema.ts';

/** A logger whose lines nobody reads. */
export const silent = { info: () => {}, warn: () => {} };

export const ISSUER_NUMBER = '99999900';
export const decisionTopic = messages.cardDecision.topic;
type Decision = DataOf<typeof messages.cardDecision>;
export type AuthorizeCommand = DataOf<typeof messages.cardAuthorize>;

/** A card with the data that its holder and the ledger know. */
export interface IssuedCard {
  cardId: string;
  ownerId: string;
  accountId: string;
  mandateId: string;
  number: string;
}

/** The handlers of the card service on a database, with the keys that they use to sign and verify. */
export interface CardWorld extends EdgeWorld {
  /** The keys in the database; wrapped by `keyEncryptionKeys`. */
  fieldKeys: StoredFieldKeys;
  keyEncryptionKeys: KeySet;
  /** @param nowMs the time of the decisions @param sealedMs the time at which they are sealed */
  commands(nowMs?: () => number, sealedMs?: () => number): Subscription;
  events: Subscription;
  /** Issues a card and activates it by its mandate unless `isActive` is false. */
  issue(options?: { isActive?: boolean; limitMinor?: bigint; nowMs?: number }): Promise<IssuedCard>;
  /** Builds a command to authorize a card payment, with the holder's signed request. */
  authorize(card: IssuedCard, changes?: AuthorizeChanges): Promise<AuthorizeCommand>;
  /** Signs a decision with the key of the card service. */
  signDecision(decision: Decision, sealedMs?: number): Promise<string>;
  /** Reads the stored authorizations of a card. */
  authorizationsOf(card: IssuedCard): Promise<Authorization[]>;
  /** Reads the spending of a card, by period. */
  spentBy(card: IssuedCard): Promise<Record<string, bigint>>;
}

export interface AuthorizeChanges {
  request?: Partial<Omit<AuthorizeCommand, 'evidence'>>;
  /** The holder's signed values if they differ from the request. */
  signed?: { subject?: string; amountMinor?: bigint; payeeAccountId?: string; nowMs?: number };
  evidence?: RequestEvidence;
}

export async function startCardWorld(): Promise<CardWorld> {
  const world = await startEdgeWorld(messagingMigrations, cardSchema);
  const { pool, keyring } = world;
  const keyEncryptionKeys = { current: 'kek', keys: { kek: randomBytes(32) } };
  const fieldKeys = new StoredFieldKeys({
    pool,
    keyEncryptionKeys: () => keyEncryptionKeys,
    lifeMs: 90 * 86_400_000,
    nowMs: Date.now,
    logger: silent,
  });
  await fieldKeys.prepare(undefined);
  const readKeys: CardContext['fieldKeys'] = (tx) => fieldKeys.read(tx);
  const key = await newKey();
  await world.certify(key, {
    sub: 'card',
    permissions: [{ topic: decisionTopic, types: [messages.cardDecision.type] }],
  });
  const signDecision: CardWorld['signDecision'] = async (decision, sealedMs = Date.now()) =>
    (
      await seal(messages.cardDecision, decision, {
        issuer: 'card',
        signingKey: key,
        topic: decisionTopic,
        nowMs: sealedMs,
      })
    ).value;
  const verify: CardContext['verify'] = (evidence) =>
    verifiedOrCode(evidence, {
      keyring,
      topicPrefix: '',
      issuer,
      publicUrls: { payment: publicUrl, account: publicUrl },
      nowMs: Date.now(),
    });

  let orders = 0;

  return {
    ...world,
    fieldKeys,
    keyEncryptionKeys,
    commands: (nowMs = Date.now, sealedMs = Date.now) =>
      cardCommands({
        storeOf: cardStore,
        verify,
        signDecision: (decision) => signDecision(decision, sealedMs()),
        fieldKeys: readKeys,
        nowMs,
      }),
    events: accountEvents(cardStore),
    issue: async ({ isActive = true, limitMinor = 1_000n, nowMs = Date.now() } = {}) => {
      const [ownerId, accountId] = [newId('usr'), newId('acc')];
      const limits = { perPaymentMinor: limitMinor, perDayMinor: limitMinor, perMonthMinor: limitMinor };
      const order = { accountId, currency: 'EUR' as const, limits };
      const evidence = await requestEvidence(world, operations.cardIssue, {
        subject: ownerId,
        body: { accountId, currency: 'EUR' },
      });
      const sent: SentMessage[] = [];
      return transaction(pool, async (tx) => {
        const context = { fieldKeys: await readKeys(tx), issuerNumber: ISSUER_NUMBER, nowMs: () => nowMs };
        const orders = [{ ownerId, order, evidence, options: {} }];
        const [issued] = await issueCards(cardStore(tx), noteSent(sent), orders, context);
        const { mandateId } = sent.find(({ type }) => type === messages.mandateGrant.type)!.data;
        const outcome = { mandateId: String(mandateId), code: undefined, options: {} };
        if (isActive) await endIssuing(cardStore(tx), noteSent(sent), [outcome]);
        const { card, number } = issued!;
        return { cardId: card.cardId, ownerId, accountId, mandateId: outcome.mandateId, number };
      });
    },
    async authorize({ cardId, ownerId }, { request: changes, signed = {}, evidence } = {}) {
      const { subject = ownerId, nowMs = Date.now() } = signed;
      const endToEndId = `ORDER-${(orders += 1)}`;
      const name = { subject, sourceId: cardId, endToEndId };
      const paymentId = paymentIdOf(name, Math.floor(nowMs / 1_000));
      const request = {
        authorizationId: authorizationIdOf(changes?.paymentId ?? paymentId),
        cardId,
        paymentId,
        payeeAccountId: newId('acc'),
        amountMinor: 100n,
        currency: 'EUR' as const,
        ...changes,
      };
      const { payeeAccountId = request.payeeAccountId, amountMinor = request.amountMinor } = signed;
      const body = {
        source: { kind: 'card', cardId },
        payee: { kind: 'account', accountId: payeeAccountId },
        amountMinor: Number(amountMinor),
        currency: request.currency,
        endToEndId,
      };
      const own = { subject, body, nowMs };
      return {
        ...request,
        evidence: evidence ?? (await requestEvidence(world, operations.createPayment, own)),
      };
    },
    signDecision,
    async authorizationsOf({ cardId }) {
      const { rows } = await pool.query<{ id: string }>(
        'SELECT authorization_id AS id FROM card_authorization WHERE card_id = $1 ORDER BY authorization_id',
        [cardId],
      );
      const ids = rows.map(({ id }) => id);
      const found = await transaction(pool, (tx) => cardStore(tx).loadAuthorizations(ids));
      return ids.map((id) => found.get(id)!);
    },
    async spentBy({ cardId }) {
      const { rows } = await pool.query<{ period: string; used: bigint }>(
        'SELECT period, used_minor AS used FROM card_usage WHERE card_id = $1',
        [cardId],
      );
      return Object.fromEntries(rows.map(({ period, used }) => [period, used]));
    },
  };
}
