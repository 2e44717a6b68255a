import { messages, recalledTopics, type DataOf, type MessageDefinition } from '@tallystick/contracts';
import { rememberTaken, type Recollection } from '@tallystick/messaging';
import type { Transaction } from '@tallystick/postgres';
import { defaultPolicy, type OpenedMessage } from '@tallystick/security';
import type { Logger } from '@tallystick/telemetry';
import type { Hold, Transfer } from '../domain/book.ts';
import type { Decision } from '../domain/decide.ts';
import { emptyPosting } from '../domain/ledger.ts';
import { recall, type LedgerFact } from '../domain/recall.ts';
import { openAgain, type AccountKind } from '../store/accounts.ts';
import { loadState } from '../store/load-state.ts';
import { findMandateOwner, insertMandate, withdrawAgain } from '../store/mandates.ts';
import { saveDecision } from '../store/save-decision.ts';

/** Who commands the ledger. */
const COMMANDERS = ['payment', 'card'];
/** Answers to commands that changed nothing, or that are not asked for by an id that tells: they are not decided anew. */
const FINAL: ReadonlySet<object> = new Set<object>([
  messages.holdRejected,
  messages.holdVoidRejected,
  messages.transferRejected,
  messages.mandateGranted,
  messages.mandateRejected,
]);

/** What is told of an account, a hold or a mandate rests on what stands before it here. */
const RANKS: readonly object[] = [
  messages.accountOpened,
  messages.holdPlaced,
  messages.transferPosted,
  messages.holdEnded,
  messages.mandateGranted,
  messages.mandateWithdrawn,
];

/**
 * What the ledger recalls where its database was set back: all that it told. Whom it told that money moved, or did not,
 * stays right. Commands that come again meet what they did then, and get its answer. What it told of an account that
 * nobody opened, as where the topic has lost that, is left out: the rest counts all the same.
 */
export function recollection(nowMs: () => number, logger: Logger): Recollection {
  return {
    topics: recalledTopics.account,
    // Those of which nothing is taken over but that they were answered come first of all.
    rank: ({ definition }) => RANKS.indexOf(definition),
    async recall(own, tx) {
      await openAccounts(own, tx);
      await takeOver(own, tx, logger);
      await takeMandates(own, tx);
      const untilS = nowMs() / 1_000 + defaultPolicy.commandLifetimeMaxS + defaultPolicy.clockSkewS;
      const answered = own.flatMap(({ definition, claims: { cause } }) =>
        cause !== undefined && FINAL.has(definition) ? [cause] : [],
      );
      rememberTaken(tx, COMMANDERS, answered, untilS);
    },
  };
}

async function openAccounts(own: readonly OpenedMessage[], tx: Transaction): Promise<void> {
  for (const message of own) {
    if (!is(message, messages.accountOpened)) continue;
    const { kind, ...account } = message.data;
    await openAgain(tx, { ...account, kind: kind as AccountKind, openedAt: saidAt(message) });
  }
}

/** Holds, transfers and ends of holds, in their order: each changes the balance that the next one leaves. */
async function takeOver(own: readonly OpenedMessage[], tx: Transaction, logger: Logger): Promise<void> {
  const facts = own.flatMap((message) => factOf(message).map((fact) => ({ fact, message })));
  const last = facts.at(-1);
  if (last === undefined) return;
  // One time for all, as for every batch: some seconds beside that of the first.
  const atMs = saidAt(last.message).getTime();
  const state = await loadState(
    tx,
    facts.map(({ fact }) => ({ command: commandOf(fact) })),
    atMs,
  );
  const decision: Decision = { results: [], posting: emptyPosting(), evidence: [], authorityById: new Map() };
  for (const { fact, message } of facts) {
    const outcome = recall(state.book, decision.posting, fact);
    const { iss, jti, iat } = message.claims;
    if (outcome === 'no_account')
      logger.error(
        { jti, type: message.definition.type },
        'left out: it tells of an account that nobody opened',
      );
    if (outcome !== 'recalled') continue;
    const id = fact.kind === 'posted' ? fact.transfer.transferId : fact.hold.holdId;
    // Its evidence is in the command; this word of ours says that it was checked.
    decision.authorityById.set(id, { kind: 'recalled', iss, jti, usableUntilS: iat });
  }
  saveDecision(tx, state, decision, atMs);
}

async function takeMandates(own: readonly OpenedMessage[], tx: Transaction): Promise<void> {
  for (const message of own) {
    const grantedAtMs = saidAt(message).getTime();
    if (is(message, messages.mandateGranted)) {
      const ownerId = await findMandateOwner(tx, message.data);
      if (ownerId !== undefined)
        await insertMandate(tx, { ...message.data, ownerId, status: 'active', grantedAtMs });
    } else if (is(message, messages.mandateWithdrawn)) {
      await withdrawAgain(tx, message.data.mandateId, saidAt(message));
    }
  }
}

function factOf(message: OpenedMessage): LedgerFact[] {
  if (is(message, messages.holdPlaced)) {
    const { expiresAt, authorizationId, ...facts } = message.data;
    const hold: Hold = {
      ...facts,
      authorizationId,
      postedMinor: 0n,
      status: 'open',
      expiresAtMs: Date.parse(expiresAt),
    };
    return [{ kind: 'placed', hold }];
  }
  if (is(message, messages.transferPosted)) {
    const { paymentId, holdId, authorizationId, ...facts } = message.data;
    const transfer: Transfer = { ...facts, paymentId, holdId, authorizationId };
    return [{ kind: 'posted', transfer }];
  }
  if (is(message, messages.holdEnded)) {
    const { how, releasedMinor: _releasedMinor, authorizationId, ...facts } = message.data;
    const hold: Hold = { ...facts, authorizationId, status: 'open', expiresAtMs: 0 };
    return [{ kind: 'ended', hold, how }];
  }
  return [];
}

/** The command by which the accounts, the hold and the transfer of a fact are loaded. */
function commandOf(fact: LedgerFact): Parameters<typeof loadState>[1][number]['command'] {
  if (fact.kind !== 'posted') return { kind: 'hold', ...fact.hold };
  const { transfer } = fact;
  if (transfer.holdId === undefined) return { kind: 'transfer', ...transfer };
  return {
    kind: 'post',
    ...transfer,
    holdId: transfer.holdId,
    paymentId: transfer.paymentId ?? '',
    final: false,
  };
}

function is<Definition extends MessageDefinition>(
  message: OpenedMessage,
  definition: Definition,
): message is OpenedMessage<DataOf<Definition>> {
  return (message.definition as object) === definition;
}

function saidAt({ claims }: OpenedMessage): Date {
  return new Date(claims.iat * 1_000);
}
