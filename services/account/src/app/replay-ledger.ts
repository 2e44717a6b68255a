import { countSpending } from '@tallystick/contracts';
import type { OpenedMessage } from '@tallystick/security';
import type { Logger } from '@tallystick/telemetry';
import type { LedgerCommand } from '../domain/book.ts';
import { emptyDecision } from '../domain/decide.ts';
import { transferOf } from '../domain/entry.ts';
import { countHold } from '../domain/mandate.ts';
import { replayFact, type LedgerFact } from '../domain/replay.ts';
import type { LedgerStore } from './stores.ts';

/** A fact to replay, with this service's event that states it. */
export interface ReplayedFact {
  fact: LedgerFact;
  message: OpenedMessage;
}

/**
 * Replays the ledger's events into a restored database, in the given order, which must be the ledger's own. Known facts
 * change nothing; facts of an unknown account are skipped and logged.
 */
export async function replayLedger(
  store: LedgerStore,
  facts: readonly ReplayedFact[],
  logger: Logger,
  nowMs: number,
): Promise<void> {
  if (facts.length === 0) return;
  const state = await store.load(
    facts.flatMap(({ fact }) => commandsOf(fact).map((command) => ({ command }))),
    nowMs,
  );
  // Replayed rows keep their own times.
  const decision = emptyDecision(nowMs);
  for (const { fact, message } of facts) {
    const holdId = holdIdIn(fact);
    const before = state.book.holds.get(holdId);
    const outcome = replayFact(state.book, decision.posting, fact);
    const { iss, jti, iat } = message.claims;
    if (outcome === 'no_account')
      logger.error({ jti, type: message.definition.type }, 'replay.unknown_account');
    if (outcome !== 'replayed') continue;
    countHold(decision.spent, before, state.book.holds.get(holdId));
    if (fact.kind === 'ended') continue;
    const id = fact.kind === 'posted' ? fact.entry.entryId : fact.hold.holdId;
    const { wish, counted } = fact.decidedBy;
    const mandateId = counted?.mandateId;
    // The command has the evidence; our own event proves that it was verified.
    decision.authorityById.set(id, { kind: 'replayed', iss, jti, usableUntilS: iat, wish, mandateId });
    if (wish !== undefined) decision.wishes.add(wish);
    if (fact.kind === 'posted' && counted !== undefined)
      countSpending(
        decision.spent,
        counted.mandateId,
        transferOf(fact.entry)?.amountMinor ?? 0n,
        counted.atMs,
      );
  }
  store.save(decision);
}

function holdIdIn(fact: LedgerFact): string {
  if (fact.kind === 'placed') return fact.hold.holdId;
  return fact.kind === 'ended' ? fact.holdId : (fact.entry.holdId ?? '');
}

/** Returns commands that make the store load the accounts, the hold and the entry of a fact. */
function commandsOf(fact: LedgerFact): LedgerCommand[] {
  switch (fact.kind) {
    case 'placed':
      return [{ kind: 'hold', ...fact.hold }];
    case 'ended':
      return [{ kind: 'expire', holdId: fact.holdId, debitAccountId: fact.debitAccountId }];
    case 'posted': {
      const { entryId, legs, paymentId, holdId } = fact.entry;
      const entry: LedgerCommand = { kind: 'entry', entryId, legs, paymentId };
      const [debit] = legs;
      return holdId === undefined || debit === undefined
        ? [entry]
        : [entry, { kind: 'expire', holdId, debitAccountId: debit.accountId }];
    }
  }
}
