import { isOf, jtiTimeMs, messages, type Currency, type DataOf } from '@tallystick/contracts';
import { CLOCK_SKEW_MAX_MS } from '@tallystick/postgres';
import type { OpenedMessage } from '@tallystick/security';
import { legsOf, type JournalEntry } from '../domain/entry.ts';
import type { LedgerFact } from '../domain/replay.ts';
import { capturerFrom, type Counted } from '../domain/book.ts';

/** Returns the time at which an event was sealed, in milliseconds, by the clock of the sealing replica. */
export function sealedAtMs({ claims }: OpenedMessage): number {
  return jtiTimeMs(claims.jti);
}

/** Returns the fact in `account.hold.ended`. */
export function endedFact(message: OpenedMessage<DataOf<typeof messages.holdEnded>>): LedgerFact {
  const { holdId, debitAccountId, how, postedMinor, endedAt } = message.data;
  return {
    kind: 'ended',
    holdId,
    debitAccountId,
    how: holdEndOf(how, postedMinor),
    endedAtMs: timeOr(endedAt, message),
  };
}

/** Maximum distance between the clocks of two replicas. */
const APART_MS = 2 * CLOCK_SKEW_MAX_MS + 1;

/**
 * Returns the rank of an event in the ledger's order: the time of its batch, in milliseconds. Events of the previous
 * release have only the time of sealing, by a clock that may be off. The placing of a hold is therefore moved before
 * its postings, and the postings and the end are moved later.
 */
export function orderMsOf(message: OpenedMessage): number {
  if (isOf(message, messages.holdPlaced)) return inOrderMs(message, message.data.placedAt, -APART_MS);
  if (isOf(message, messages.transferPosted)) return inOrderMs(message, message.data.postedAt, APART_MS);
  if (isOf(message, messages.entryPosted)) return Date.parse(message.data.postedAt);
  if (isOf(message, messages.holdEnded)) return inOrderMs(message, message.data.endedAt, 2 * APART_MS);
  return sealedAtMs(message);
}

function inOrderMs(message: OpenedMessage, batchTime: string | undefined, movedByMs: number): number {
  return batchTime === undefined ? sealedAtMs(message) + movedByMs : Date.parse(batchTime);
}

/** Returns the fact in `account.hold.placed`. */
export function placedFact(message: OpenedMessage<DataOf<typeof messages.holdPlaced>>): LedgerFact {
  const { expiresAt, placedAt, authorizationId, capturer, currency, wish, mandateId, countedAt, ...facts } =
    message.data;
  const placedAtMs = timeOr(placedAt, message);
  const counted = countedIn(mandateId, countedAt, placedAtMs);
  return {
    kind: 'placed',
    decidedBy: { wish, counted },
    hold: {
      ...facts,
      currency: currency as Currency,
      authorizationId,
      capturer: capturerFrom(capturer?.kind, capturer?.id),
      counted,
      postedMinor: 0n,
      status: 'open',
      expiresAtMs: Date.parse(expiresAt),
      placedAtMs,
      endedAtMs: undefined,
    },
  };
}

/** Returns the fact in `account.transfer.posted`. */
export function postedFact(message: OpenedMessage<DataOf<typeof messages.transferPosted>>): LedgerFact {
  const { wish, mandateId, countedAt } = message.data;
  const entry = entryOf(message);
  return {
    kind: 'posted',
    entry,
    decidedBy: { wish, counted: countedIn(mandateId, countedAt, entry.postedAtMs) },
  };
}

/** An event without the time of the counting has that of its batch. In the previous release it is at most a moment later. */
function countedIn(
  mandateId: string | undefined,
  countedAt: string | undefined,
  batchMs: number,
): Counted | undefined {
  if (mandateId === undefined) return undefined;
  return { mandateId, atMs: countedAt === undefined ? batchMs : Date.parse(countedAt) };
}

/** Returns the fact in `account.entry.posted`. */
export function entryFact(message: OpenedMessage<DataOf<typeof messages.entryPosted>>): LedgerFact {
  const { entryId, paymentId, holdId, authorizationId, refund, legs, postedAt } = message.data;
  const entry: JournalEntry = {
    entryId,
    paymentId,
    holdId,
    authorizationId,
    refund,
    legs: legs.map((leg) => ({ ...leg, currency: leg.currency as Currency })),
    postedAtMs: Date.parse(postedAt),
  };
  return { kind: 'posted', entry, decidedBy: {} };
}

function entryOf(message: OpenedMessage<DataOf<typeof messages.transferPosted>>): JournalEntry {
  const { transferId, paymentId, holdId, authorizationId, refund, postedAt } = message.data;
  return {
    entryId: transferId,
    paymentId,
    holdId,
    authorizationId,
    refund,
    legs: numberedLegsOf(message.data),
    postedAtMs: timeOr(postedAt, message),
  };
}

/** Returns the legs of a transfer with the numbers of their lines, which older events have in `legs` or not at all. */
function numberedLegsOf({
  legs,
  debitSequence,
  creditSequence,
  ...transfer
}: DataOf<typeof messages.transferPosted>): JournalEntry['legs'] {
  const currency = transfer.currency as Currency;
  if (legs !== undefined) return legs.map((leg) => ({ ...leg, currency }));
  const [debit, credit] = legsOf({ ...transfer, currency });
  return [
    { ...debit, sequence: debitSequence },
    { ...credit, sequence: creditSequence },
  ];
}

function timeOr(iso: string | undefined, message: OpenedMessage): number {
  return iso === undefined ? sealedAtMs(message) : Date.parse(iso);
}

/** Returns how a hold ended. A value of a later release counts by whether money moved. */
function holdEndOf(how: string, postedMinor: bigint): 'posted' | 'voided' | 'expired' {
  if (how === 'posted' || how === 'voided' || how === 'expired') return how;
  return postedMinor > 0n ? 'posted' : 'voided';
}
