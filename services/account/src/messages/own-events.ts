import { jtiTimeMs, messages, type DataOf, type MessageDefinition } from '@tallystick/contracts';
import { CLOCK_SKEW_MAX_MS } from '@tallystick/postgres';
import type { OpenedMessage } from '@tallystick/security';
import { legsOf, type JournalEntry } from '../domain/entry.ts';
import type { LedgerFact } from '../domain/replay.ts';

/** Whether a message is of this definition; its payload has the definition's type then. */
export function is<Definition extends MessageDefinition>(
  message: OpenedMessage,
  definition: Definition,
): message is OpenedMessage<DataOf<Definition>> {
  return (message.definition as object) === definition;
}

/** When an event was sealed, in milliseconds, by the clock of the replica that sealed it. */
export function sealedAtMs({ claims }: OpenedMessage): number {
  return jtiTimeMs(claims.jti);
}

/** What the ledger's own event tells of a hold or an entry; `undefined` where it tells of neither. */
export function factOf(message: OpenedMessage): LedgerFact | undefined {
  if (is(message, messages.holdPlaced)) return placedFact(message);
  if (is(message, messages.transferPosted)) return { kind: 'posted', entry: entryOf(message) };
  if (is(message, messages.holdEnded)) {
    const { holdId, debitAccountId, how, endedAt } = message.data;
    return { kind: 'ended', holdId, debitAccountId, how, endedAtMs: timeOr(endedAt, message) };
  }
  return undefined;
}

/** As far as two replicas may tell the time apart. */
const APART_MS = 2 * CLOCK_SKEW_MAX_MS + 1;

/**
 * Where an event stands in the ledger's own order: the time of its batch, in milliseconds. Events of the previous release
 * have only the time of their sealing, by a clock that may be off: of a hold, its placing is moved before what may rest on
 * it, its postings and its end behind.
 */
export function orderMsOf(message: OpenedMessage): number {
  if (is(message, messages.holdPlaced)) return inOrderMs(message, message.data.placedAt, -APART_MS);
  if (is(message, messages.transferPosted)) return inOrderMs(message, message.data.postedAt, APART_MS);
  if (is(message, messages.holdEnded)) return inOrderMs(message, message.data.endedAt, 2 * APART_MS);
  return sealedAtMs(message);
}

function inOrderMs(message: OpenedMessage, batchTime: string | undefined, movedByMs: number): number {
  return batchTime === undefined ? sealedAtMs(message) + movedByMs : Date.parse(batchTime);
}

function placedFact(message: OpenedMessage<DataOf<typeof messages.holdPlaced>>): LedgerFact {
  const { expiresAt, placedAt, authorizationId, ...facts } = message.data;
  return {
    kind: 'placed',
    hold: {
      ...facts,
      authorizationId,
      postedMinor: 0n,
      status: 'open',
      expiresAtMs: Date.parse(expiresAt),
      placedAtMs: timeOr(placedAt, message),
      endedAtMs: undefined,
    },
  };
}

function entryOf(message: OpenedMessage<DataOf<typeof messages.transferPosted>>): JournalEntry {
  const { transferId, paymentId, holdId, authorizationId, refund, legs, postedAt, ...transfer } =
    message.data;
  return {
    entryId: transferId,
    paymentId,
    holdId,
    authorizationId,
    refund,
    legs: legs ?? legsOf(transfer).map((leg) => ({ ...leg, sequence: undefined })),
    postedAtMs: timeOr(postedAt, message),
  };
}

function timeOr(iso: string | undefined, message: OpenedMessage): number {
  return iso === undefined ? sealedAtMs(message) : Date.parse(iso);
}
