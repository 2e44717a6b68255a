import type { AuditEntry } from '@tallystick/contracts';
import { repeat, type Queryable, type Repeated, type Transaction } from '@tallystick/postgres';
import { entryIn, readChain, type LinkedEntry } from './chain.ts';

/** Interval of lookups for entries that the topic lacks. */
const LOOKUP_INTERVAL_MS = 500;
const BATCH_MAX = 200;

/** An entry with its place, as it is told on the topic. */
export type ToldEntry = AuditEntry & { seq: number; hash: string };

/** Returns an entry of the chain as readers see it. */
export function toldOf({ seq, hash, content }: LinkedEntry): ToldEntry {
  return { ...entryIn(content), seq, hash: hash.toString('hex') };
}

export interface TellOptions {
  pool: Queryable;
  /** Runs a transaction whose messages are published after the commit. */
  transact: (work: (tx: Transaction, tell: (entry: ToldEntry) => void) => Promise<void>) => Promise<void>;
  onFailure: (error: unknown) => void;
}

/**
 * Tells the entries of the chain on the service's topic, in their order: readers of the topic notice if the database
 * changes them later.
 */
export function tellAudit(options: TellOptions): Repeated {
  return repeat(LOOKUP_INTERVAL_MS, (signal) => tellAll(options, signal), options.onFailure);
}

async function tellAll({ pool, transact }: TellOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (await hasUntold(pool))) {
    await transact(async (tx, tell) => {
      // Replicas take turns, so the topic has the order of the chain.
      const { rows } = await tx.query<{ seq: string }>('SELECT seq FROM audit_told FOR UPDATE');
      const entries = await readChain(tx, Number(rows[0]!.seq), BATCH_MAX);
      for (const entry of entries) tell(toldOf(entry));
      if (entries.length > 0) await tx.query('UPDATE audit_told SET seq = $1', [entries.at(-1)!.seq]);
    });
  }
}

async function hasUntold(pool: Queryable): Promise<boolean> {
  const { rows } = await pool.query<{ untold: boolean }>({
    name: 'audit_untold',
    text: 'SELECT coalesce((SELECT max(seq) FROM audit_link), 0) > (SELECT seq FROM audit_told) AS untold',
  });
  return rows[0]!.untold;
}
