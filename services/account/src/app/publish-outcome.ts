import { messages, type ErrorCode } from '@tallystick/contracts';
import type { Send, SendOptions } from '@tallystick/messaging';
import type { Hold, LedgerCommand, LedgerResult } from '../domain/book.ts';
import { transferOf, type JournalEntry } from '../domain/entry.ts';
import type { AskedRequest } from './carry-out.ts';

type DecidedBy = (LedgerResult & { ok: true })['decidedBy'];

/** Publishes the outcome of a request. */
export function publishOutcome(
  send: Send,
  { command, options = {} }: AskedRequest,
  result: LedgerResult,
): void {
  if (!result.ok) {
    // The HTTP response reports a refusal; no event does.
    if (options.cause !== undefined) publishRefusal(send, command, result.code, options);
    return;
  }
  if (result.hold !== undefined) publishPlaced(send, result.hold, result.decidedBy, options);
  if (result.entry !== undefined) publishPosted(send, result.entry, result.decidedBy, options);
  if (result.ended !== undefined) publishEnded(send, result.ended, options);
}

function publishRefusal(send: Send, command: LedgerCommand, code: ErrorCode, options: SendOptions): void {
  switch (command.kind) {
    case 'hold': {
      const { kind: _kind, expiresAtMs: _expiresAtMs, capturer: _c, counted: _n, ...facts } = command;
      send(messages.holdRejected, { ...facts, code }, options);
      return;
    }
    case 'post':
    case 'transfer': {
      const { transferId, debitAccountId, amountMinor, paymentId } = command;
      const holdId = command.kind === 'post' ? command.holdId : undefined;
      send(
        messages.transferRejected,
        { transferId, debitAccountId, amountMinor, paymentId, holdId, code },
        options,
      );
      return;
    }
    case 'void': {
      const { holdId, debitAccountId, paymentId } = command;
      send(messages.holdVoidRejected, { holdId, debitAccountId, paymentId, code }, options);
      return;
    }
    case 'expire':
    case 'entry':
      // Another replica or a command ended the hold first and published that; no message requests an entry yet.
      return;
  }
}

function publishPlaced(send: Send, hold: Hold, decidedBy: DecidedBy, options: SendOptions): void {
  send(
    messages.holdPlaced,
    {
      ...holdFacts(hold),
      expiresAt: new Date(hold.expiresAtMs).toISOString(),
      placedAt: isoTime(hold.placedAtMs),
      capturer: hold.capturer,
      ...authorityIn(decidedBy, hold.placedAtMs),
    },
    options,
  );
}

function publishPosted(send: Send, entry: JournalEntry, decidedBy: DecidedBy, options: SendOptions): void {
  const transfer = transferOf(entry);
  const { entryId, paymentId, holdId, authorizationId, refund, postedAtMs } = entry;
  if (transfer === undefined) {
    // Debits come first. Only this release posts and numbers entries of more than two legs.
    const [{ accountId: debitAccountId } = { accountId: '' }] = entry.legs;
    const facts = { paymentId, holdId, authorizationId, refund, postedAt: isoTime(postedAtMs) };
    send(messages.entryPosted, { entryId, debitAccountId, legs: numberedLegs(entry)!, ...facts }, options);
    return;
  }
  const [debit, credit] = entry.legs;
  send(
    messages.transferPosted,
    {
      ...transfer,
      paymentId,
      holdId,
      authorizationId,
      refund,
      debitSequence: debit?.sequence,
      creditSequence: credit?.sequence,
      postedAt: isoTime(postedAtMs),
      ...authorityIn(decidedBy, postedAtMs),
    },
    options,
  );
}

function publishEnded(
  send: Send,
  { hold, releasedMinor }: { hold: Hold; releasedMinor: bigint },
  options: SendOptions,
): void {
  const { status, postedMinor, endedAtMs } = hold;
  send(
    messages.holdEnded,
    {
      ...holdFacts(hold),
      how: status === 'open' ? 'posted' : status,
      postedMinor,
      releasedMinor,
      endedAt: endedAtMs === undefined ? undefined : isoTime(endedAtMs),
    },
    options,
  );
}

/** @param batchMs the time of the batch; a counting at this time is not stated again */
function authorityIn(
  { wish, counted }: DecidedBy | undefined = {},
  batchMs: number,
): {
  wish?: string | undefined;
  mandateId?: string | undefined;
  countedAt?: string | undefined;
} {
  if (counted === undefined) return { wish };
  const { mandateId, atMs } = counted;
  return { wish, mandateId, countedAt: atMs === batchMs ? undefined : isoTime(atMs) };
}

/** Returns the numbered legs; `undefined` if the previous release posted the entry, without numbers. */
function numberedLegs({ legs }: JournalEntry):
  | {
      sequence: number;
      accountId: string;
      amountMinor: bigint;
      currency: JournalEntry['legs'][number]['currency'];
    }[]
  | undefined {
  const numbered = legs.flatMap(({ sequence, ...leg }) =>
    sequence === undefined ? [] : [{ ...leg, sequence }],
  );
  return numbered.length === legs.length ? numbered : undefined;
}

function holdFacts({
  status: _status,
  postedMinor: _postedMinor,
  expiresAtMs: _expiresAtMs,
  placedAtMs: _placedAtMs,
  endedAtMs: _endedAtMs,
  capturer: _capturer,
  counted: _counted,
  ...facts
}: Hold): Omit<
  Hold,
  'status' | 'postedMinor' | 'expiresAtMs' | 'placedAtMs' | 'endedAtMs' | 'capturer' | 'counted'
> {
  return facts;
}

let lastTime = { atMs: NaN, iso: '' };

/** Formats a time. All times of a batch are equal, so the text is computed once. */
function isoTime(atMs: number): string {
  if (atMs !== lastTime.atMs) lastTime = { atMs, iso: new Date(atMs).toISOString() };
  return lastTime.iso;
}
