import type { Pool, Queryable } from '@tallystick/postgres';
import type { Logger } from '@tallystick/telemetry';
import { unpackRecords } from './packed-records.ts';
import { isRefused, type Publisher } from './publisher.ts';

/** The process that wrote a row publishes it itself within this time. */
const RELAY_AGE_S = 5;
/** Rows per turn; a row holds all records of a transaction. */
const RELAY_ROWS_MAX = 20;
/** Bytes per turn; a turn takes at least one row. */
const RELAY_BYTES_MAX = 4 * 1_048_576;
/** Lease length: while it runs, no other replica publishes these rows. Consumers drop the duplicates of a longer turn. */
const LEASE_S = 15;
/** Time that a row refused by the brokers waits for its next attempt. */
const OFFERED_AGAIN_S = 600;

interface RelayedRow {
  id: string;
  records: Buffer;
  leased_until: string;
}

/**
 * Publishes outbox rows that their writer did not publish: its process ended, or the brokers were unreachable. Each replica
 * runs a relay; they take turns.
 */
export class OutboxRelay {
  readonly #options: { pool: Pool; publisher: Publisher; logger: Logger };

  constructor(options: { pool: Pool; publisher: Publisher; logger: Logger }) {
    this.#options = options;
  }

  /**
   * Publishes all waiting rows. If the brokers refuse a produce request, its rows are published one by one, so that a refused
   * row does not hold back the others.
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

  /** Leases the oldest unpublished rows. Only one relay holds a lease at a time, which keeps the order. */
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

  /** Ends the lease early, so that the next turn can begin. An expired lease may belong to another replica by now. */
  async #free(rows: readonly RelayedRow[]): Promise<void> {
    await this.#options.pool.query(
      `UPDATE outbox SET leased_until = NULL
       WHERE id = ANY($1::uuid[]) AND published_at IS NULL AND leased_until = $2::timestamptz`,
      [rows.map(({ id }) => id), rows[0]!.leased_until],
    );
  }
}

/** The previous release may run at the same time, and relays rows by age: it ignores a row whose age is infinite. */
export const MARK_PUBLISHED = `UPDATE outbox SET published_at = now(), created_at = 'infinity' WHERE id = ANY($1::uuid[])`;

/** Marks rows as published. */
export async function markPublished(on: Queryable, ids: readonly string[]): Promise<void> {
  await on.query({ name: 'outbox_mark_published', text: MARK_PUBLISHED, values: [ids] });
}
