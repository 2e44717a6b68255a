import { messages, recalledTopics } from '@tallystick/contracts';
import { rememberTaken, type Recollection } from '@tallystick/messaging';
import { defaultPolicy, type OpenedMessage } from '@tallystick/security';
import type { Logger } from '@tallystick/telemetry';
import { replayAccounts } from '../app/replay-accounts.ts';
import { replayLedger } from '../app/replay-ledger.ts';
import { replayMandates, type MandateEvent } from '../app/replay-mandates.ts';
import type { AccountKind, NewAccount } from '../domain/account.ts';
import { accountStore } from '../store/accounts.ts';
import { ledgerStore } from '../store/ledger-store.ts';
import { mandateStore } from '../store/mandates.ts';
import { orderMsOf, factOf, is, sealedAtMs } from './own-events.ts';

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

/**
 * The order of the replay. Accounts are opened before all that rests on them. Holds and entries follow in the ledger's own
 * order, that of the times of its batches: each leaves balances that the next one needs. Mandates come last, all grants
 * before withdrawals, so that clocks that differ bring no withdrawn mandate back.
 */
function rankOf(message: OpenedMessage): number {
  if (is(message, messages.accountOpened)) return 0;
  if (is(message, messages.mandateGranted)) return Number.MAX_SAFE_INTEGER - 1;
  if (is(message, messages.mandateWithdrawn)) return Number.MAX_SAFE_INTEGER;
  return orderMsOf(message);
}

/**
 * What the ledger replays where its database was restored to an earlier point: all that it published. Whom it told that
 * money moved, or did not, stays right. Commands that come again meet what they did then, and get its answer. What it
 * published about an account that nobody opened, as where the topic has lost that, is left out; the rest is replayed.
 */
export function recollection(nowMs: () => number, logger: Logger): Recollection {
  return {
    topics: recalledTopics.account,
    rank: rankOf,
    async recall(own, tx) {
      await replayAccounts(accountStore(tx), own.flatMap(openingOf));
      const told = own.flatMap((message) => {
        const fact = factOf(message);
        return fact === undefined ? [] : [{ fact, message }];
      });
      await replayLedger(ledgerStore(tx), told, logger, nowMs());
      await replayMandates(mandateStore(tx), own.flatMap(mandateEventOf));
      const untilS = nowMs() / 1_000 + defaultPolicy.commandLifetimeMaxS + defaultPolicy.clockSkewS;
      const answered = own.flatMap(({ definition, claims: { cause } }) =>
        cause !== undefined && FINAL.has(definition) ? [cause] : [],
      );
      rememberTaken(tx, COMMANDERS, answered, untilS);
    },
  };
}

function openingOf(message: OpenedMessage): NewAccount[] {
  if (!is(message, messages.accountOpened)) return [];
  const { kind, ...account } = message.data;
  return [{ ...account, kind: kind as AccountKind, openedAt: new Date(sealedAtMs(message)) }];
}

function mandateEventOf(message: OpenedMessage): MandateEvent[] {
  const atMs = sealedAtMs(message);
  if (is(message, messages.mandateGranted)) return [{ kind: 'granted', atMs, ...message.data }];
  if (is(message, messages.mandateWithdrawn))
    return [{ kind: 'withdrawn', atMs, mandateId: message.data.mandateId }];
  return [];
}
