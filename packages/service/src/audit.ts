import { listEntries, restoreEntries, tellAudit, toldOf, type ToldEntry } from '@tallystick/audit';
import { isOf, messages, operations, replayedTopics, type ServiceName } from '@tallystick/contracts';
import { cursorRefused, type Edge } from '@tallystick/http';
import type { Messaging, Replay } from '@tallystick/messaging';
import type { Pool, Repeated } from '@tallystick/postgres';
import type { Logger } from '@tallystick/telemetry';

const recorded = {
  auth: messages.authAuditRecorded,
  account: messages.accountAuditRecorded,
  card: messages.cardAuditRecorded,
  payment: messages.paymentAuditRecorded,
  console: messages.consoleAuditRecorded,
} as const;

const list = {
  auth: operations.authAuditList,
  account: operations.accountAuditList,
  card: operations.cardAuditList,
  payment: operations.paymentAuditList,
  console: operations.consoleAuditList,
} as const;

/** Serves the audit entries of a service, newest first. */
export function serveAudit(service: ServiceName, edge: Pick<Edge<never>, 'read'>, pool: Pool): void {
  edge.read(list[service], async ({ query: { limit, cursor, ...filter } }) => {
    // One more entry shows whether there is another page.
    const entries = await listEntries(pool, filter, { before: placeOf(cursor), limit: limit + 1 });
    return {
      body: {
        entries: entries.slice(0, limit).map(toldOf),
        nextCursor: entries.length > limit ? String(entries[limit - 1]!.seq) : undefined,
      },
    };
  });
}

/**
 * Replays the service's own messages, its audit entries among them, and from then on tells new entries on its topic.
 * @param parts.own the replay of the service's other messages
 * @returns the telling, to be stopped before messaging
 */
export async function replayAndTell(parts: {
  service: ServiceName;
  messaging: Messaging;
  pool: Pool;
  logger: Logger;
  own?: Replay;
}): Promise<Repeated> {
  const { service, messaging, pool, logger, own } = parts;
  await messaging.replay(withAudit(service, own));
  return tellAudit({
    pool,
    transact: (work) =>
      messaging.outbox.transaction((tx, send) =>
        work(tx, (entry) => send(recorded[service], entry as never)),
      ),
    onFailure: (error) => logger.warn({ err: error }, 'audit.telling_failed'),
  });
}

/** Adds the entries of the audit to a service's replay: a restored database gets back those that the topic has. */
function withAudit(service: ServiceName, replay: Replay | undefined): Replay {
  const definition = recorded[service];
  return {
    ...replay,
    topics: replayedTopics(service),
    // The chain continues in its order, whenever a replica signed an entry.
    rank: (message) => (isOf(message, definition) ? message.data.seq : (replay?.rank?.(message) ?? 0)),
    async apply(own, tx) {
      const told = own.flatMap((message) => (isOf(message, definition) ? [message.data as ToldEntry] : []));
      await restoreEntries(tx, told);
      const others = own.filter((message) => !isOf(message, definition));
      if (others.length > 0) await replay?.apply(others, tx);
    },
  };
}

function placeOf(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  if (!/^[1-9][0-9]{0,15}$/.test(cursor)) throw cursorRefused();
  return Number(cursor);
}
