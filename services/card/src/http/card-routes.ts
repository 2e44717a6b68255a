import { CodedError, messages, newId, operations } from '@tallystick/contracts';
import { inTurn, type Edge, type Reply, type WriteRequest } from '@tallystick/http';
import type { Send } from '@tallystick/messaging';
import type { Pool, Transaction } from '@tallystick/postgres';
import type { FieldKeys } from '@tallystick/security';
import type * as z from 'zod';
import type { Card } from '../domain/card.ts';
import { findAuthorizations } from '../store/authorizations.ts';
import { findCard, findCards, insertCard } from '../store/cards.ts';
import { drawNumber } from '../vault.ts';

/** Years that a new card may be used. */
const VALID_YEARS = 3;
const DRAWS_MAX = 5;

interface IssueContext {
  fieldKeys: () => FieldKeys;
  issuerNumber: string;
  nowMs: () => number;
}

/** Issues and shows cards. */
export function cardRoutes(edge: Edge<Send>, pool: Pool, context: IssueContext): void {
  // Cards are rare, and each draws numbers until one is free: one by one is right here.
  edge.write(operations.cardIssue, (requests, tx, send) =>
    inTurn(requests, (request) => issue(request, tx, send, context)),
  );

  edge.read(operations.cardList, async ({ subject }) => ({
    body: { cards: (await findCards(pool, subject)).map(view) },
  }));

  edge.read(operations.cardGet, async ({ subject, params: { cardId } }) => ({
    body: view(await own(pool, subject, cardId)),
  }));

  edge.read(operations.authorizationList, async ({ subject, params: { cardId }, query: { limit } }) => {
    await own(pool, subject, cardId);
    const authorizations = await findAuthorizations(pool, cardId, limit);
    return {
      body: {
        authorizations: authorizations.map(({ requestedAtMs, ...rest }) => ({
          ...rest,
          requestedAt: new Date(requestedAtMs).toISOString(),
        })),
      },
    };
  });
}

async function issue(
  { subject, body, evidence, traceContext }: WriteRequest<typeof operations.cardIssue>,
  tx: Transaction,
  send: Send,
  context: IssueContext,
): Promise<Reply<z.output<typeof operations.cardIssue.response>>> {
  const at = context.nowMs();
  const mandateId = newId('mdt');
  const card: Card = {
    cardId: newId('crd'),
    ownerId: subject,
    ...body,
    last4: '',
    expiry: expiryOf(at),
    status: 'issued',
    code: undefined,
    issuedAtMs: at,
  };
  for (let draw = 0; draw < DRAWS_MAX; draw += 1) {
    const drawn = drawNumber(context.issuerNumber, card.cardId, context.fieldKeys());
    card.last4 = drawn.number.slice(-4);
    const isNew = await insertCard(tx, card, {
      mandateId,
      numberEncrypted: drawn.encrypted,
      numberFingerprint: drawn.fingerprint,
    });
    if (!isNew) continue;
    const { cardId, accountId, currency, limits, last4 } = card;
    send(messages.cardIssued, { cardId, accountId, ownerId: subject, last4 }, { traceContext });
    // The account belongs to the ledger: it checks that the holder may put a card on it.
    send(
      messages.mandateGrant,
      {
        mandateId,
        accountId,
        grantee: { kind: 'card', id: cardId },
        currency,
        limits,
        evidence: evidence(),
      },
      { traceContext },
    );
    return {
      status: 202,
      body: { ...view(card), number: drawn.number },
      location: { operation: operations.cardGet, params: { cardId } },
    };
  }
  throw new Error('no free card number was drawn');
}

async function own(pool: Pool, subject: string, cardId: string): Promise<Card> {
  const card = await findCard(pool, subject, cardId);
  if (card === undefined) throw new CodedError('resource.not_found');
  return card;
}

function view({
  ownerId: _ownerId,
  issuedAtMs,
  ...rest
}: Card): Omit<Card, 'ownerId' | 'issuedAtMs'> & { issuedAt: string } {
  return { ...rest, issuedAt: new Date(issuedAtMs).toISOString() };
}

function expiryOf(atMs: number): string {
  const date = new Date(atMs);
  return `${date.getUTCFullYear() + VALID_YEARS}-${String(date.getUTCMonth() + 1).padStart(2, '0')}`;
}
