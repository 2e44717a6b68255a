import { CodedError, operations } from '@tallystick/contracts';
import { nextCursorOf, rangeOf, type Edge } from '@tallystick/http';
import type { Send } from '@tallystick/messaging';
import type { Pool, Transaction } from '@tallystick/postgres';
import type { FieldKeys } from '@tallystick/security';
import { setBlocked } from '../app/block-cards.ts';
import { issueCards, type IssueContext } from '../app/issue-cards.ts';
import type { Card } from '../domain/card.ts';
import { findAuthorizationPage } from '../store/authorizations.ts';
import { cardStore } from '../store/card-store.ts';
import { findCard, findCardPage } from '../store/cards.ts';

export interface CardRoutesContext extends Omit<IssueContext, 'fieldKeys'> {
  /** Reads the field keys and holds them until the transaction ends. */
  fieldKeys: (tx: Transaction) => Promise<FieldKeys>;
}

/** Issues and shows cards. */
export function cardRoutes(edge: Edge<Send>, pool: Pool, { fieldKeys, ...context }: CardRoutesContext): void {
  edge.write(operations.cardIssue, async (requests, tx, send) => {
    const orders = requests.map(({ subject, body, evidence, traceContext }) => ({
      ownerId: subject,
      order: body,
      evidence: evidence(),
      options: { traceContext },
    }));
    const issued = await issueCards(cardStore(tx), send, orders, {
      ...context,
      fieldKeys: await fieldKeys(tx),
    });
    return issued.map(({ card, number }) => ({
      status: 202,
      body: { ...view(card), number },
    }));
  });

  for (const [operation, isBlocked] of [
    [operations.cardBlock, true],
    [operations.cardUnblock, false],
  ] as const)
    edge.write(operation, async (requests, tx, send) => {
      const orders = requests.map(({ params: { cardId }, traceContext }) => ({
        cardId,
        options: { traceContext },
      }));
      const results = await setBlocked(cardStore(tx), send, isBlocked, orders, context.nowMs());
      return results.map((one) => (one instanceof CodedError ? one : { body: one }));
    });

  edge.read(operations.cardList, async ({ subject, query }) => {
    const page = await findCardPage(pool, subject, query, rangeOf(query));
    return { body: { cards: page.items.map(view), nextCursor: nextCursorOf(page) } };
  });

  edge.read(operations.cardGet, async ({ subject, params: { cardId } }) => ({
    body: view(await own(pool, subject, cardId)),
  }));

  edge.read(operations.authorizationList, async ({ subject, params: { cardId }, query }) => {
    const range = rangeOf(query);
    await own(pool, subject, cardId);
    const page = await findAuthorizationPage(pool, cardId, query, range);
    return {
      body: {
        authorizations: page.items.map(({ requestedAtMs, ...rest }) => ({
          ...rest,
          requestedAt: new Date(requestedAtMs).toISOString(),
        })),
        nextCursor: nextCursorOf(page),
      },
    };
  });
}

async function own(pool: Pool, subject: string, cardId: string): Promise<Card> {
  const card = await findCard(pool, subject, cardId);
  if (card === undefined) throw new CodedError('resource.not_found');
  return card;
}

function view({ ownerId: _ownerId, issuedAtMs, blockedAtMs, ...rest }: Card): Omit<
  Card,
  'ownerId' | 'issuedAtMs' | 'blockedAtMs'
> & {
  issuedAt: string;
  blockedAt: string | undefined;
} {
  return {
    ...rest,
    blockedAt: blockedAtMs === undefined ? undefined : new Date(blockedAtMs).toISOString(),
    issuedAt: new Date(issuedAtMs).toISOString(),
  };
}
