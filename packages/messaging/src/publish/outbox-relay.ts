import type { Pool, Queryable } from '@tallystick/postgres';
import type { Logger } from '@tallystick/telemetry';
import { unpackRecords } from './packed-records.ts';
import { isRefused, type Publisher } from './publisher.ts';

/** Rows younger than this are being published by the transaction that wrote them. */
const RELAY_AGE_S = 5;
/** A row holds a whole transaction's records. */
const RELAY_ROWS_MAX = 20;
/** … so one row at least, and further ones only up to this. */
const RELAY_BYTES_MAX = 4 * 1_048_576;
/** For as long nobody relays beside whoever does. Should that take longer, what another publishes too counts once. */
const LEASE_S = 15;
/** Of what the brokers refuse, so much waits that a turn can look at the rest. */
const OFFERED_AGAIN_S = 600;

interface RelayedRow {
  id: string;
  records: Buffer;
  leased_until: string;
}

/**
 * Publishes rows of an outbox that whoever wrote them did not: its process has ended, or the brokers were away. Each replica
 * has one, and they take turns.
 */
export class OutboxRelay {
  readonly #options: { pool: Pool; publisher: Publisher; logger: Logger };

  constructor(options: { pool: Pool; publisher: Publisher; logger: Logger }) {
    this.#options = options;
  }

  /**
   * Publishes all that waits. Rows go together where the brokers take them; where they refuse something, one by one, so that
   * what they refuse holds back nothing else.
   */
  async turn(): Promise<void> {
    for (;;) {
      const rows = await this.#lease();
      if (rows.length === 0) return;
      try {
        await this.#publishRows(rows);
      } catch (error) {
        if (!isRefused(error)) throw error;
        for (const row of rows) await this.#publishOrPutOff(row);
      } finally {
        await this.#free(rows);
      }
    }
  }

  /** Takes the oldest rows to publish, for a while. One relay at a time, so that they go in their order. */
  async #lease(): Promise<RelayedRow[]> {
    const { rows } = await this.#options.pool.query<RelayedRow>(
      `UPDATE outbox SET leased_until = clock_timestamp() + make_interval(secs => $4) WHERE id IN (
         SELECT id FROM outbox WHERE id IN (
           SELECT id FROM (
             SELECT id, sum(octet_length(records)) OVER (ORDER BY id) - octet_length(records) AS bytes_before
             FROM (SELECT id, records FROM outbox
                   WHERE published_at IS NULL AND created_at < now() - make_interval(secs => $1)
                     AND (offered_again_at IS NULL OR offered_again_at < now())
                     AND NOT EXISTS (SELECT FROM outbox WHERE published_at IS NULL AND leased_until > now())
                   ORDER BY id LIMIT $2) AS old) AS counted
           WHERE bytes_before < $3)
         AND published_at IS NULL AND (leased_until IS NULL OR leased_until < now())
         ORDER BY id FOR UPDATE SKIP LOCKED)
       RETURNING id, records, leased_until::text`,
      [RELAY_AGE_S, RELAY_ROWS_MAX, RELAY_BYTES_MAX, LEASE_S],
    );
    return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async #publishRows(rows: readonly RelayedRow[]): Promise<void> {
    const { pool, publisher } = this.#options;
    await publisher.publish(rows.flatMap(({ records }) => unpackRecords(records)));
    await markPublished(
      pool,
      rows.map(({ id }) => id),
    );
  }

  async #publishOrPutOff(row: RelayedRow): Promise<void> {
    try {
      await this.#publishRows([row]);
    } catch (error) {
      if (!isRefused(error)) throw error;
      const { logger, pool } = this.#options;
      logger.error({ err: error, row: row.id, retryInS: OFFERED_AGAIN_S }, 'outbox.refused_by_brokers');
      await pool.query(
        'UPDATE outbox SET offered_again_at = clock_timestamp() + make_interval(secs => $2) WHERE id = $1',
        [row.id, OFFERED_AGAIN_S],
      );
    }
  }

  /** The next turn, of whichever replica, need not wait for the lease to end; one that did end may be another's by now. */
  async #free(rows: readonly RelayedRow[]): Promise<void> {
    await this.#options.pool.query(
      `UPDATE outbox SET leased_until = NULL
       WHERE id = ANY($1::uuid[]) AND published_at IS NULL AND leased_until = $2::timestamptz`,
      [rows.map(({ id }) => id), rows[0]!.leased_until],
    );
  }
}

/** The previous release, which may run beside this one, relays every row by its age: one without an age is none of its. */
export const MARK_PUBLISHED = `UPDATE outbox SET published_at = now(), created_at = 'infinity' WHERE id = ANY($1::uuid[])`;

/** Notes that the brokers have what these rows hold. */
export async function markPublished(on: Queryable, ids: readonly string[]): Promise<void> {
  await on.query({ name: 'outbox_mark_published', text: MARK_PUBLISHED, values: [ids] });
}
