import { messages, newId, type RequestEvidence, type operations } from '@tallystick/contracts';
import type { Send, SendOptions } from '@tallystick/messaging';
import { fingerprintsOf, type FieldKeys } from '@tallystick/security';
import type * as z from 'zod';
import type { Card } from '../domain/card.ts';
import { drawNumber, NUMBER_PURPOSE, vaultNumber } from '../vault.ts';
import type { CardStore } from './card-store.ts';

/** Validity of a new card in years. */
const VALID_YEARS = 3;
const DRAWS_MAX = 5;

/** A card that an owner orders for an account. */
export interface CardOrder {
  ownerId: string;
  order: z.output<typeof operations.cardIssue.body>;
  /** The owner's request, by which the ledger checks that the owner may put a card on the account. */
  evidence: RequestEvidence;
  options: SendOptions;
}

export interface IssueContext {
  /** Held in this transaction: no key is added or retired before its end. */
  fieldKeys: FieldKeys;
  issuerNumber: string;
  nowMs: () => number;
}

/**
 * Issues cards with unique numbers and requests their mandates from the ledger.
 * @returns the cards in the order of their orders, each with its confidential number
 */
export async function issueCards(
  store: CardStore,
  send: Send,
  orders: readonly CardOrder[],
  context: IssueContext,
): Promise<{ card: Card; number: string }[]> {
  const issued: { card: Card; number: string }[] = [];
  // Cards are rare, and each draws numbers until one is free, so a sequential loop suffices.
  for (const order of orders) issued.push(await issueOne(store, send, order, context));
  return issued;
}

async function issueOne(
  store: CardStore,
  send: Send,
  { ownerId, order, evidence, options }: CardOrder,
  { fieldKeys, issuerNumber, nowMs }: IssueContext,
): Promise<{ card: Card; number: string }> {
  const issuedAtMs = nowMs();
  const mandateId = newId('mdt');
  const cardId = newId('crd');
  for (let draw = 0; draw < DRAWS_MAX; draw += 1) {
    const number = drawNumber(issuerNumber);
    const card: Card = {
      cardId,
      ownerId,
      ...order,
      last4: number.slice(-4),
      expiry: expiryOf(issuedAtMs),
      status: 'issued',
      code: undefined,
      blockedAtMs: undefined,
      issuedAtMs,
    };
    const secrets = {
      mandateId,
      number: vaultNumber(number, cardId, fieldKeys),
      fingerprints: fingerprintsOf(fieldKeys.fingerprint, NUMBER_PURPOSE, number),
    };
    if (!(await store.insertCard(card, secrets))) continue;
    const { accountId, currency, limits, last4 } = card;
    send(messages.cardIssued, { cardId, accountId, ownerId, last4 }, options);
    // The ledger owns the account: it checks that the holder may put a card on it.
    const grantee = { kind: 'card', id: cardId } as const;
    send(messages.mandateGrant, { mandateId, accountId, grantee, currency, limits, evidence }, options);
    return { card, number };
  }
  throw new Error('no free card number was drawn');
}

function expiryOf(atMs: number): string {
  const date = new Date(atMs);
  return `${date.getUTCFullYear() + VALID_YEARS}-${String(date.getUTCMonth() + 1).padStart(2, '0')}`;
}
