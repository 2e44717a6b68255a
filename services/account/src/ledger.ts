import { messages, type ErrorCode } from '@tallystick/contracts';
import { inAnswerTo, type IncomingMessage, type Send, type SendOptions } from '@tallystick/messaging';
import type { Transaction } from '@tallystick/postgres';
import type { Hold, LedgerResult } from './domain/book.ts';
import { decide, type LedgerRequest, type State } from './domain/decide.ts';
import { doneBefore } from './domain/done-before.ts';
import { loadState } from './store/load-state.ts';
import { saveDecision } from './store/save-decision.ts';

/** A request with the message that asks for it; HTTP and the clock ask without one, HTTP within a trace. */
export type AskedRequest = LedgerRequest & {
  message?: IncomingMessage | undefined;
  traceContext?: SendOptions['traceContext'];
};

/**
 * Carries out a batch of ledger requests within a transaction: decide in memory, save, tell. Kafka, HTTP and the expiry
 * of holds all come through here.
 * @param state what `loadState` loaded in this transaction for these requests
 * @returns a result for each request, in their order
 */
export function carryOut(
  tx: Transaction,
  send: Send,
  state: State,
  requests: readonly AskedRequest[],
  nowMs: number,
): LedgerResult[] {
  const decision = decide(state, requests, nowMs);
  saveDecision(tx, state, decision, nowMs);
  requests.forEach((request, at) => tell(send, request, decision.results[at]!));
  return decision.results;
}

/**
 * Tells that requests were not carried out, since they came too late. One that was carried out when an earlier copy of
 * it came in time gets the answer of then.
 */
export async function refuseLate(
  tx: Transaction,
  send: Send,
  requests: readonly AskedRequest[],
  code: ErrorCode,
): Promise<void> {
  if (requests.length === 0) return;
  const { book } = await loadState(tx, requests, 0);
  for (const request of requests) {
    tell(send, request, doneBefore(book, request.command) ?? { ok: false, code });
  }
}

/** Publishes what became of a request. */
function tell(send: Send, { command, message, traceContext }: AskedRequest, result: LedgerResult): void {
  const options = message === undefined ? { traceContext } : inAnswerTo(message);
  if (!result.ok) {
    // An HTTP client has its refusal as the answer, and of an attempt by it nothing stays.
    if (message === undefined) return;
    const rejection = { code: result.code };
    switch (command.kind) {
      case 'hold': {
        const { kind: _kind, expiresAtMs: _expiresAtMs, ...facts } = command;
        send(messages.holdRejected, { ...facts, ...rejection }, options);
        return;
      }
      case 'post':
      case 'transfer': {
        const { transferId, debitAccountId, amountMinor, paymentId } = command;
        const holdId = command.kind === 'post' ? command.holdId : undefined;
        send(
          messages.transferRejected,
          { transferId, debitAccountId, amountMinor, paymentId, holdId, ...rejection },
          options,
        );
        return;
      }
      case 'void': {
        const { holdId, debitAccountId, paymentId } = command;
        send(messages.holdVoidRejected, { holdId, debitAccountId, paymentId, ...rejection }, options);
        return;
      }
      case 'expire':
        return;
    }
  }
  if (result.hold !== undefined) {
    send(
      messages.holdPlaced,
      { ...holdFacts(result.hold), expiresAt: new Date(result.hold.expiresAtMs).toISOString() },
      options,
    );
  }
  if (result.transfer !== undefined) send(messages.transferPosted, result.transfer, options);
  if (result.ended !== undefined) {
    const { hold, releasedMinor } = result.ended;
    const how = hold.status === 'open' ? 'posted' : hold.status;
    send(
      messages.holdEnded,
      { ...holdFacts(hold), how, postedMinor: hold.postedMinor, releasedMinor },
      options,
    );
  }
}

function holdFacts({
  status: _status,
  postedMinor: _postedMinor,
  expiresAtMs: _expiresAtMs,
  ...facts
}: Hold): Omit<Hold, 'status' | 'postedMinor' | 'expiresAtMs'> {
  return facts;
}
