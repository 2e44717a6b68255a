import { isOf, messages, replayedTopics, type Currency, type Grantee } from '@tallystick/contracts';
import { readByTable, rememberTaken, type Replay, type ReplayTable } from '@tallystick/messaging';
import { defaultPolicy, type OpenedMessage } from '@tallystick/security';
import type { Logger } from '@tallystick/telemetry';
import { replayAccountStatus } from '../app/freeze-accounts.ts';
import { replayAccounts } from '../app/replay-accounts.ts';
import { replayLedger, type ReplayedFact } from '../app/replay-ledger.ts';
import { replayMandates, type MandateEvent } from '../app/replay-mandates.ts';
import type { AccountKind, NewAccount } from '../domain/account.ts';
import type { FreezeStatus } from '../app/stores.ts';
import { accountStore } from '../store/accounts.ts';
import { ledgerStore } from '../store/ledger-store.ts';
import { mandateStore } from '../store/mandates.ts';
import { endedFact, entryFact, orderMsOf, placedFact, postedFact, sealedAtMs } from './own-events.ts';

/** The services that command the ledger. */
const COMMANDERS = ['payment', 'card'];

/** The content of one of the ledger's own events. */
interface EventContent {
  account?: NewAccount;
  fact?: ReplayedFact;
  statusChange?: { accountId: string; status: FreezeStatus };
  mandate?: MandateEvent;
  /**
   * The answered command, if it changed nothing or no id proves that it was carried out. It must not be decided again.
   */
  answered?: string | undefined;
}

const contentByType: ReplayTable<'account', EventContent> = {
  'account.opened': (message) => {
    const { kind, currency, ...account } = message.data;
    const openedAt = new Date(sealedAtMs(message));
    return [{ account: { ...account, currency: currency as Currency, kind: kind as AccountKind, openedAt } }];
  },
  'account.status_changed': ({ data: { accountId, status } }) => [
    // A later release may have further kinds of status, in each of which no money may leave.
    { statusChange: { accountId, status: status === 'open' ? 'open' : 'frozen' } },
  ],
  'account.hold.placed': (message) => [{ fact: { fact: placedFact(message), message } }],
  'account.hold.ended': (message) => [{ fact: { fact: endedFact(message), message } }],
  'account.transfer.posted': (message) => [{ fact: { fact: postedFact(message), message } }],
  'account.entry.posted': (message) => [{ fact: { fact: entryFact(message), message } }],
  'account.hold.rejected': answered,
  'account.hold.void_rejected': answered,
  'account.transfer.rejected': answered,
  'account.mandate.rejected': answered,
  'account.mandate.granted': (message) => {
    const { grantee, currency, payeeAccountIds, endsAt, ...mandate } = message.data;
    const event = {
      ...mandate,
      kind: 'granted',
      atMs: sealedAtMs(message),
      grantee: grantee as Grantee,
      currency: currency as Currency,
      payeeAccountIds,
      endsAtMs: endsAt === undefined ? undefined : Date.parse(endsAt),
    } as const;
    return [{ mandate: event, answered: message.claims.cause }];
  },
  'account.mandate.withdrawn': (message) => [
    { mandate: { kind: 'withdrawn', atMs: sealedAtMs(message), mandateId: message.data.mandateId } },
  ],
};

function answered({ claims }: OpenedMessage): EventContent[] {
  return [{ answered: claims.cause }];
}

/**
 * Creates the replay of the ledger after a restore to an earlier point: all its published events. Its earlier answers
 * about money thus stay true. A repeated command finds its effects and gets the same answer. Events about an unknown
 * account, as when the topic lost its opening, are skipped; the others are replayed.
 */
export function replay(nowMs: () => number, logger: Logger): Replay {
  return {
    topics: replayedTopics('account'),
    rank: rankOf,
    async apply(own, tx) {
      const all = await readByTable(contentByType, own);
      const each = <Key extends keyof EventContent>(key: Key): NonNullable<EventContent[Key]>[] =>
        all.flatMap((one) => one[key] ?? []) as NonNullable<EventContent[Key]>[];
      await replayAccounts(accountStore(tx), each('account'));
      await replayAccountStatus(accountStore(tx), each('statusChange'));
      await replayLedger(ledgerStore(tx), each('fact'), logger, nowMs());
      await replayMandates(mandateStore(tx), each('mandate'));
      const untilS = nowMs() / 1_000 + defaultPolicy.commandLifetimeMaxS + defaultPolicy.clockSkewS;
      rememberTaken(tx, COMMANDERS, each('answered'), untilS);
    },
  };
}

/**
 * Returns the rank of an event in the replay. Accounts come first, before their holds and entries. Holds and entries
 * follow in the ledger's own order, the times of its batches, since each leaves balances that the next one needs.
 * The latest status of an account follows them. Mandates come last, all grants before withdrawals, so that differing clocks never restore a withdrawn mandate.
 */
function rankOf(message: OpenedMessage): number {
  if (isOf(message, messages.accountOpened)) return 0;
  if (isOf(message, messages.accountStatusChanged)) return Number.MAX_SAFE_INTEGER - 2;
  if (isOf(message, messages.mandateGranted)) return Number.MAX_SAFE_INTEGER - 1;
  if (isOf(message, messages.mandateWithdrawn)) return Number.MAX_SAFE_INTEGER;
  return orderMsOf(message);
}
