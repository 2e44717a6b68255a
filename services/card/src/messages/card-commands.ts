import {
  CodedError,
  idFrom,
  messages,
  type DataOf,
  type ErrorCode,
  type Evidence,
} from '@tallystick/contracts';
import {
  evidenceKey,
  findUsedEvidence,
  inAnswerTo,
  isOf,
  markRefused,
  rememberUsedEvidence,
  type IncomingMessage,
  type Send,
  type Subscription,
} from '@tallystick/messaging';
import type { Transaction } from '@tallystick/postgres';
import {
  fingerprint,
  seal,
  verifyEvidence,
  type EvidenceContext,
  type EvidenceUse,
  type FieldKeys,
  type SigningKey,
  type VerifiedEvidence,
} from '@tallystick/security';
import { countUsage, decline, responseCodeOf } from '../domain/authorize.ts';
import { hasValidCheckDigit } from '../domain/card-number.ts';
import type { Authorization, Card, CardUsage } from '../domain/card.ts';
import { insertAuthorizations, lockAuthorizations } from '../store/authorizations.ts';
import { addUsage, findByFingerprint, findUsage, lockCards } from '../store/cards.ts';
import { NUMBER_PURPOSE } from '../vault.ts';

/** An approved amount is held for this long; the merchant collects it within that time. */
const HOLD_LIFETIME_MS = 7 * 86_400_000;
const DECISION_LIFETIME_S = 600;
/** Longest that a command to the ledger may wait there, in seconds. */
const COMMAND_LIFETIME_S = 3_600;

export interface CardContext {
  evidence: Omit<EvidenceContext, 'nowMs'>;
  /** What signs decisions, at the time of asking. */
  signingKey: () => SigningKey;
  fieldKeys: () => FieldKeys;
  nowMs: () => number;
}

type Authorize = IncomingMessage<DataOf<typeof messages.cardAuthorize>>;
type Tokenize = IncomingMessage<DataOf<typeof messages.cardTokenize>>;
type Checked = VerifiedEvidence | { code: ErrorCode };
type Evidences = ReadonlyMap<IncomingMessage, Checked>;

/** Handles `card.commands.v1`. */
export function cardCommands(context: CardContext): Subscription<Evidences> {
  return {
    types: [messages.cardAuthorize, messages.cardTokenize],
    prepare: (incoming) => verifyAll(incoming.filter(isAuthorize), context),
    async handle({ messages: incoming, prepared, fresh }, tx, send) {
      await authorize(incoming.filter(isAuthorize), prepared, fresh, tx, send, context);
      await tokenize([...(await fresh)].filter(isTokenize), tx, send, context.fieldKeys());
    },
    answerLate,
  };
}

function isAuthorize(message: IncomingMessage): message is Authorize {
  return isOf(message, messages.cardAuthorize);
}

function isTokenize(message: IncomingMessage): message is Tokenize {
  return isOf(message, messages.cardTokenize);
}

/** Declines what came too late, unless an earlier copy of it has its answer. Asking for a token has no effect, and is said anew. */
async function answerLate(late: readonly IncomingMessage[], tx: Transaction, send: Send): Promise<void> {
  const asked = late.filter(isAuthorize);
  const known = await lockAuthorizations(
    tx,
    asked.map(({ opened }) => opened.data.authorizationId),
  );
  for (const message of asked) {
    if (!known.has(message.opened.data.authorizationId)) declineWith(message, 'envelope.expired', send);
  }
  for (const message of late.filter(isTokenize)) {
    const { tokenizationId } = message.opened.data;
    send(messages.cardTokenizeRejected, { tokenizationId, code: 'envelope.expired' }, inAnswerTo(message));
  }
}

async function authorize(
  incoming: readonly Authorize[],
  evidence: Evidences,
  fresh: Promise<ReadonlySet<IncomingMessage>>,
  tx: Transaction,
  send: Send,
  context: CardContext,
): Promise<void> {
  if (incoming.length === 0) return;
  const nowMs = context.nowMs();
  const cardIds = [...new Set(incoming.map(({ opened }) => opened.data.cardId))];
  const [isNew, cards, known, usage, used] = await Promise.all([
    fresh,
    lockCards(tx, cardIds),
    lockAuthorizations(
      tx,
      incoming.map(({ opened }) => opened.data.authorizationId),
    ),
    findUsage(tx, cardIds, nowMs),
    findUsedEvidence(
      tx,
      [...evidence.values()].flatMap((one) => ('code' in one ? [] : [one.use])),
    ),
  ]);

  const answered = new Set(known.keys());
  const added: CardUsage = new Map();
  const authorizations: Authorization[] = [];
  const uses: EvidenceUse[] = [];
  const approved: { message: Authorize; authorization: Authorization }[] = [];
  for (const message of incoming) {
    if (!isNew.has(message)) continue;
    const { data } = message.opened;
    const shown = evidence.get(message)!;
    const card = cards.get(data.cardId);
    // Asked before under another jti, by who lost the answer: it gets it again, or as soon as the ledger has answered.
    if (answered.has(data.authorizationId)) {
      const authorization = known.get(data.authorizationId);
      if (authorization !== undefined && authorization.status !== 'requested')
        answerAgain(message, authorization, send);
      continue;
    }
    answered.add(data.authorizationId);
    const isUsed = !('code' in shown) && used.has(evidenceKey(shown.use));
    const code = isUsed ? 'evidence.used' : decline(data, card, usage, shown, nowMs);
    if (card !== undefined) authorizations.push(recordOf(data, card, code, nowMs));
    if (code !== undefined || card === undefined || 'code' in shown) {
      declineWith(message, code ?? 'card.not_found', send);
      continue;
    }
    countUsage(usage, card.cardId, data.amountMinor, nowMs);
    countUsage(added, card.cardId, data.amountMinor, nowMs);
    used.add(evidenceKey(shown.use));
    uses.push(shown.use);
    approved.push({ message, authorization: authorizations.at(-1)! });
  }
  insertAuthorizations(tx, authorizations);
  addUsage(tx, added);
  rememberUsedEvidence(tx, uses);
  await Promise.all(
    approved.map(({ message, authorization }) => askForHold(message, authorization, send, context)),
  );
}

async function verifyAll(asked: readonly Authorize[], { evidence, nowMs }: CardContext): Promise<Evidences> {
  const context = { ...evidence, nowMs: nowMs() };
  return new Map(
    await Promise.all(
      asked.map(async (message): Promise<[IncomingMessage, Checked]> => [
        message,
        await verified(message.opened.data.evidence, context),
      ]),
    ),
  );
}

async function verified(evidence: Evidence, context: EvidenceContext): Promise<Checked> {
  try {
    return await verifyEvidence(evidence, context);
  } catch (error) {
    if (error instanceof CodedError) return { code: error.code };
    throw error;
  }
}

function recordOf(
  data: DataOf<typeof messages.cardAuthorize>,
  card: Card,
  code: ErrorCode | undefined,
  nowMs: number,
): Authorization {
  const { evidence: _evidence, ...facts } = data;
  return {
    ...facts,
    debitAccountId: card.accountId,
    holdId: idFrom('hld', data.authorizationId),
    clearedMinor: 0n,
    status: code === undefined ? 'requested' : 'declined',
    code,
    requestedAtMs: nowMs,
  };
}

function declineWith(message: Authorize, code: ErrorCode, send: Send): void {
  const { evidence: _evidence, ...facts } = message.opened.data;
  send(
    messages.authorizationDeclined,
    { ...facts, code, responseCode: responseCodeOf(code) },
    inAnswerTo(message),
  );
  markRefused(message, code);
}

/** What came of an authorization whose hold has its answer. */
function answerAgain(
  message: Authorize,
  { cardId, paymentId, holdId, debitAccountId, clearedMinor, status, code }: Authorization,
  send: Send,
): void {
  const { evidence: _evidence, ...facts } = message.opened.data;
  if (cardId !== facts.cardId || paymentId !== facts.paymentId) return;
  if (code !== undefined) {
    declineWith(message, code as ErrorCode, send);
    return;
  }
  send(messages.authorizationApproved, { ...facts, holdId, debitAccountId }, inAnswerTo(message));
  if (status !== 'ended') return;
  const { authorizationId } = facts;
  send(
    messages.authorizationEnded,
    { authorizationId, cardId, paymentId, clearedMinor },
    inAnswerTo(message),
  );
}

/** Signs the decision and asks the ledger for the hold, which checks the decision for itself. */
async function askForHold(
  message: Authorize,
  authorization: Authorization,
  send: Send,
  context: CardContext,
): Promise<void> {
  const {
    authorizationId,
    cardId,
    paymentId,
    payeeAccountId,
    debitAccountId,
    amountMinor,
    currency,
    holdId,
  } = authorization;
  const nowMs = context.nowMs();
  const { value: envelope } = await seal(
    messages.cardDecision,
    { authorizationId, cardId, paymentId, payeeAccountId, debitAccountId, amountMinor, currency },
    {
      issuer: 'card',
      signingKey: context.signingKey(),
      topic: context.evidence.topicPrefix + messages.cardDecision.topic,
      nowMs,
      txn: message.opened.claims.txn,
      cause: message.opened.claims.jti,
      lifetimeS: DECISION_LIFETIME_S,
    },
  );
  send(
    messages.holdPlace,
    {
      holdId,
      debitAccountId,
      creditAccountId: payeeAccountId,
      amountMinor,
      currency,
      paymentId,
      authorizationId,
      expiresAt: new Date(nowMs + HOLD_LIFETIME_MS).toISOString(),
      evidence: { kind: 'decision', envelope },
    },
    { ...inAnswerTo(message), lifetimeS: COMMAND_LIFETIME_S },
  );
}

async function tokenize(
  numbers: readonly Tokenize[],
  tx: Transaction,
  send: Send,
  fieldKeys: FieldKeys,
): Promise<void> {
  const asked = numbers.map((message) => ({
    message,
    print: fingerprint(fieldKeys, NUMBER_PURPOSE, message.opened.data.number),
  }));
  const cards = await findByFingerprint(
    tx,
    asked.map(({ print }) => print),
  );
  for (const { message, print } of asked) {
    const { tokenizationId, number } = message.opened.data;
    const card = cards.get(print.toString('hex'));
    if (card !== undefined) {
      send(
        messages.cardTokenized,
        { tokenizationId, cardId: card.cardId, last4: card.last4 },
        inAnswerTo(message),
      );
      continue;
    }
    const code = hasValidCheckDigit(number) ? 'card.not_found' : 'card.number_invalid';
    send(messages.cardTokenizeRejected, { tokenizationId, code }, inAnswerTo(message));
    markRefused(message, code);
  }
}
