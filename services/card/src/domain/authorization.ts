import type { Currency } from '@tallystick/contracts';
import type { Reason } from './card.ts';

/** A merchant's request and what became of it. */
export interface Authorization {
  authorizationId: string;
  cardId: string;
  paymentId: string;
  payeeAccountId: string;
  debitAccountId: string;
  holdId: string;
  amountMinor: bigint;
  clearedMinor: bigint;
  currency: Currency;
  status: 'requested' | 'approved' | 'declined' | 'ended';
  code: Reason | undefined;
  requestedAtMs: number;
}

/** What the ledger says of the hold behind an authorization. */
export type HoldEvent =
  { kind: 'placed' } | { kind: 'rejected'; code: Reason } | { kind: 'ended'; postedMinor: bigint };

/** What is published of an authorization. */
export type Outcome = 'approved' | 'declined' | 'ended';

type Transition = (authorization: Authorization, event: HoldEvent) => readonly Outcome[];

/** The event changes nothing: it is late or repeated. */
const ignored: Transition = () => [];

const approve: Transition = (authorization) => {
  authorization.status = 'approved';
  return ['approved'];
};

const decline: Transition = (authorization, event) => {
  authorization.status = 'declined';
  authorization.code = event.kind === 'rejected' ? event.code : undefined;
  return ['declined'];
};

const end: Transition = (authorization, event) => {
  authorization.status = 'ended';
  authorization.clearedMinor = event.kind === 'ended' ? event.postedMinor : 0n;
  return ['ended'];
};

/** It was placed before it ended, whichever event comes first: the payment waits for the approval. */
const approveAndEnd: Transition = (authorization, event) => ['approved', ...end(authorization, event)];

/** What each event of the hold does to an authorization in each state. */
export const holdSteps = {
  requested: { placed: approve, rejected: decline, ended: approveAndEnd },
  approved: { placed: ignored, rejected: ignored, ended: end },
  declined: { placed: ignored, rejected: ignored, ended: end },
  ended: { placed: ignored, rejected: ignored, ended: ignored },
} as const satisfies Record<Authorization['status'], Record<HoldEvent['kind'], Transition>>;

/**
 * Follows the hold behind an authorization. Pure but for the authorization, which it changes in place.
 * @returns what is published, in order; nothing where the event changes nothing
 */
export function followHold(authorization: Authorization, event: HoldEvent): readonly Outcome[] {
  return holdSteps[authorization.status][event.kind](authorization, event);
}

/** What is published again to who asks again under the same id; nothing where the ledger has not answered yet. */
export function outcomesSoFar({ status, code }: Authorization): readonly Outcome[] {
  if (status === 'requested') return [];
  if (code !== undefined) return ['declined'];
  return status === 'ended' ? ['approved', 'ended'] : ['approved'];
}
