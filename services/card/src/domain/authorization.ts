import type { Currency } from '@tallystick/contracts';
import type { Reason } from './card.ts';

/** A merchant's request to pay by card, with its outcome. */
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

/** Lifetime of the hold of an approved amount; the merchant collects it within that time. */
const HOLD_LIFETIME_MS = 7 * 86_400_000;
/** Longest time from a decision to the signature of its messages, which one transaction contains. */
const SEALED_WITHIN_MS = 60_000;

/** Returns when the hold of an approval ends. */
export function holdEndsAtMs(decidedAtMs: number): number {
  return decidedAtMs + HOLD_LIFETIME_MS;
}

/**
 * Returns when an approval was decided, by the end of its hold, so that a replay counts it in the same day: its message
 * may have been sealed on the next one.
 * @param sealedAtS the time of the message; it is used if the hold has the lifetime of another release
 */
export function decidedAtMs(endsAtMs: number, sealedAtS: number): number {
  const atMs = endsAtMs - HOLD_LIFETIME_MS;
  const sealedAtMs = sealedAtS * 1_000;
  return atMs < sealedAtMs + 1_000 && atMs > sealedAtMs - SEALED_WITHIN_MS ? atMs : sealedAtMs;
}

/** An event of the ledger about the hold behind an authorization. */
export type HoldEvent =
  { kind: 'placed' } | { kind: 'rejected'; code: Reason } | { kind: 'ended'; postedMinor: bigint };

/** A published outcome of an authorization. */
export type Outcome = 'approved' | 'declined' | 'ended';

type Transition = (authorization: Authorization, event: HoldEvent) => readonly Outcome[];

/** The event is late or repeated: it changes nothing. */
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

/** The hold was placed before it ended, even if the later event arrives first: the payment waits for the approval. */
const approveAndEnd: Transition = (authorization, event) => ['approved', ...end(authorization, event)];

/** The transition for each event of the hold in each state. */
export const holdSteps = {
  requested: { placed: approve, rejected: decline, ended: approveAndEnd },
  approved: { placed: ignored, rejected: ignored, ended: end },
  declined: { placed: ignored, rejected: ignored, ended: end },
  ended: { placed: ignored, rejected: ignored, ended: ignored },
} as const satisfies Record<Authorization['status'], Record<HoldEvent['kind'], Transition>>;

/**
 * Applies an event of the hold to its authorization, which it changes in place; pure otherwise.
 * @returns the outcomes to publish, in order; none if the event changes nothing
 */
export function followHold(authorization: Authorization, event: HoldEvent): readonly Outcome[] {
  return holdSteps[authorization.status][event.kind](authorization, event);
}

/** Returns the amount of an authorization that counts against the card's limits: what is held or was collected. */
export function countedMinor({
  status,
  amountMinor,
  clearedMinor,
}: Pick<Authorization, 'status' | 'amountMinor' | 'clearedMinor'>): bigint {
  if (status === 'declined') return 0n;
  return status === 'ended' ? clearedMinor : amountMinor;
}

/** Returns the outcomes to publish if a request repeats the id; none before the ledger has answered. */
export function outcomesSoFar({ status, code }: Authorization): readonly Outcome[] {
  if (status === 'requested') return [];
  if (code !== undefined) return ['declined'];
  return status === 'ended' ? ['approved', 'ended'] : ['approved'];
}
