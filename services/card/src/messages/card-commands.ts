import { CodedError, messages, newId, type DataOf, type ErrorCode } from '@tallystick/contracts';
import {
  evidenceKey,
  findUsedEvidence,
  inAnswerTo,
  isOf,
  markRefused,
  rememberUsedEvidence,
  type BatchHandler,
  type IncomingMessage,
  type Send,
  type Subscription,
} from '@tallystick/messaging';
import { inOneTrip, type Transaction } from '@tallystick/postgres';
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
  signingKey: SigningKey;
  fieldKeys: FieldKeys;
  nowMs: () => number;
}

type Authorize = IncomingMessage<DataOf<typeof messages.cardAuthorize>>;
type Tokenize = IncomingMessage<DataOf<typeof messages.cardTokenize>>;
type Checked = VerifiedEvidence | { code: ErrorCode };

/** Handles `card.commands.v1`. */
export function cardCommands(context: CardContext): Subscription {
  const handle: BatchHandler = async (incoming, tx, send) => {
    const asked = incoming.filter((message): message is Authorize => isOf(message, messages.cardAuthorize));
    if (asked.length > 0) await authorize(asked, tx, send, context);
    const numbers = incoming.filter((message): message is Tokenize => isOf(message, messages.cardTokenize));
    if (numbers.length > 0) await tokenize(numbers, tx, send, context.fieldKeys);
  };
  return { types: [messages.cardAuthorize, messages.cardTokenize], handle, answerLate };
}

/** Declines what came too late, unless an earlier copy of it has its answer. */
const answerLate: BatchHandler = async (late, tx, send) => {
  const asked = late.filter((message): message is Authorize => isOf(message, messages.cardAuthorize));
  const known = await lockAuthorizations(
    tx,
    asked.map(({ opened }) => opened.data.authorizationId),
  );
  for (const message of asked) {
    if (!known.has(message.opened.data.authorizationId)) declineWith(message, 'envelope.expired', send);
  }
};

async function authorize(
  asked: readonly Authorize[],
  tx: Transaction,
  send: Send,
  context: CardContext,
): Promise<void> {
  const nowMs = context.nowMs();
  const evidence = await Promise.all(
    asked.map(({ opened }) => verified(opened.data, { ...context.evidence, nowMs })),
  );
  const cardIds = [...new Set(asked.map(({ opened }) => opened.data.cardId))];
  const [cards, known, usage, used] = await inOneTrip(tx, () => [
    lockCards(tx, cardIds),
    lockAuthorizations(
      tx,
      asked.map(({ opened }) => opened.data.authorizationId),
    ),
    findUsage(tx, cardIds, nowMs),
    findUsedEvidence(
      tx,
      evidence.flatMap((one) => ('code' in one ? [] : [one.use])),
    ),
  ]);

  const added: CardUsage = new Map();
  const authorizations: Authorization[] = [];
  const uses: EvidenceUse[] = [];
  const approved: { message: Authorize; authorization: Authorization }[] = [];
  asked.forEach((message, at) => {
    const { data } = message.opened;
    const shown = evidence[at]!;
    const card = cards.get(data.cardId);
    // Asked before under another jti: it has its answer.
    if (known.has(data.authorizationId)) return;
    const isUsed = !('code' in shown) && used.has(evidenceKey(shown.use));
    const code = isUsed ? 'evidence.used' : decline(data, card, usage, shown, nowMs);
    if (card !== undefined) authorizations.push(recordOf(data, card, code, nowMs));
    if (code !== undefined || card === undefined || 'code' in shown) {
      declineWith(message, code ?? 'card.not_found', send);
      return;
    }
    countUsage(usage, card.cardId, data.amountMinor, nowMs);
    countUsage(added, card.cardId, data.amountMinor, nowMs);
    used.add(evidenceKey(shown.use));
    uses.push(shown.use);
    approved.push({ message, authorization: authorizations.at(-1)! });
  });
  await inOneTrip(tx, () => [
    insertAuthorizations(tx, authorizations),
    addUsage(tx, added),
    rememberUsedEvidence(tx, uses),
  ]);
  await Promise.all(
    approved.map(({ message, authorization }) => askForHold(message, authorization, send, context)),
  );
}

async function verified(
  data: DataOf<typeof messages.cardAuthorize>,
  context: EvidenceContext,
): Promise<Checked> {
  try {
    return await verifyEvidence(data.evidence, context);
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
    holdId: newId('hld'),
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
      signingKey: context.signingKey,
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
