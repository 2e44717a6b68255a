import { execFile } from 'node:child_process';
import { appendFile, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { bringBack, type World } from '@tallystick/chaos';
import { onDatabase } from '@tallystick/load';
import { PrerequisiteError, until, type ServedPostgres } from '@tallystick/stack';
import pg from 'pg';

const run = promisify(execFile);
const ARCHIVED_WITHIN_MS = 30_000;
const RESTORED_WITHIN_MS = 60_000;
/** Files left out of a base backup: the log comes from the archive, the rest concerns the running server only. */
const NOT_COPIED = ['pg_wal', 'pg_replslot', 'postmaster.pid', 'postmaster.opts'];

/**
 * A base backup and an archive of the write-ahead log, like those of the CloudNativePG operator in a bucket. It uses
 * the low-level interface (Postgres, "Continuous Archiving and Point-in-Time Recovery").
 */
export class Backup {
  readonly #world: World;
  readonly #directory: string;
  readonly #data: string;
  readonly #owner: { uid: number; gid: number };
  #restores = 0;

  private constructor(world: World, directory: string, data: string, owner: { uid: number; gid: number }) {
    this.#world = world;
    this.#directory = directory;
    this.#data = data;
    this.#owner = owner;
  }

  /** Starts to archive the log, which requires a restart of Postgres. */
  static async begin(world: World): Promise<Backup> {
    const url = world.backing.postgres.url;
    const data = await onDatabase(url, async (query) => {
      const [row] = await query<{ data_directory: string }>('SHOW data_directory');
      return row!.data_directory;
    });
    const { uid, gid } = await stat(data);
    const directory = await mkdtemp(join(dirname(data), 'backup-'));
    const archive = join(directory, 'archive');
    await mkdir(archive, { mode: 0o700 });
    for (const one of [directory, archive]) await chown(one, uid, gid);
    await onDatabase(url, async (query) => {
      await query(`ALTER SYSTEM SET archive_mode = 'on'`);
      await query(`ALTER SYSTEM SET archive_command = 'test ! -f ${archive}/%f && cp %p ${archive}/%f'`);
    });
    await bringBack(world, 'postgres');
    return new Backup(world, directory, data, { uid, gid });
  }

  /** Copies the data while the server is running. */
  async take(): Promise<void> {
    const base = join(this.#directory, 'base');
    // One connection from start to end: the connection that begins a backup must end it.
    const client = new pg.Client({ connectionString: this.#world.backing.postgres.url });
    await client.connect();
    try {
      await client.query(`SELECT pg_backup_start('rehearsal', fast => true)`);
      await copyLive(this.#data, base);
      const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop()');
      for (const name of NOT_COPIED) await rm(join(base, name), { recursive: true, force: true });
      for (const name of ['pg_wal', 'pg_replslot']) await mkdir(join(base, name), { mode: 0o700 });
      await writeFile(join(base, 'backup_label'), rows[0]!.labelfile);
    } finally {
      await client.end();
    }
    await run('chown', ['-R', `${this.#owner.uid}:${this.#owner.gid}`, base]);
  }

  /** @returns the server's time, as a point to restore to */
  async now(): Promise<Date> {
    const [row] = await onDatabase(this.#world.backing.postgres.url, (query) =>
      query<{ now: Date }>('SELECT clock_timestamp() AS now'),
    );
    return row!.now;
  }

  /** Waits until everything committed so far is in the archive. */
  async archived(): Promise<void> {
    await onDatabase(this.#world.backing.postgres.url, async (query) => {
      const [before] = await query<{ segment: string }>(
        'SELECT pg_walfile_name(pg_current_wal_lsn()) AS segment',
      );
      await query('SELECT pg_switch_wal()');
      const isThere = await until(async () => {
        const [row] = await query<{ last: string | null }>(
          'SELECT last_archived_wal AS last FROM pg_stat_archiver',
        );
        return row!.last !== null && row!.last >= before!.segment;
      }, ARCHIVED_WITHIN_MS);
      if (!isThere) throw new Error(`${before!.segment} was not archived within ${ARCHIVED_WITHIN_MS} ms`);
    });
  }

  /** Starts a separate server on the backup, which replays the log up to a point in time. */
  async restoreTo(moment: Date): Promise<ServedPostgres> {
    const { serveCopy } = this.#world.backing.postgres;
    if (serveCopy === undefined)
      throw new PrerequisiteError('a rehearsal starts its own Postgres: unset POSTGRES_URL.');
    this.#restores += 1;
    const data = join(this.#directory, `restored-${this.#restores}`);
    await run('cp', ['-a', join(this.#directory, 'base'), data]);
    await appendFile(
      join(data, 'postgresql.auto.conf'),
      [
        `archive_mode = 'off'`,
        `restore_command = 'cp ${join(this.#directory, 'archive')}/%f %p'`,
        `recovery_target_time = '${moment.toISOString().replace('Z', '+00')}'`,
        `recovery_target_action = 'promote'`,
        '',
      ].join('\n'),
    );
    await writeFile(join(data, 'recovery.signal'), '');
    await chown(join(data, 'recovery.signal'), this.#owner.uid, this.#owner.gid);
    const served = await serveCopy(data);
    const isRestored = await until(
      () =>
        onDatabase(served.url, async (query) => {
          const [row] = await query<{ busy: boolean }>('SELECT pg_is_in_recovery() AS busy');
          return !row!.busy;
        }),
      RESTORED_WITHIN_MS,
    );
    if (!isRestored) throw new Error(`Postgres was not restored within ${RESTORED_WITHIN_MS} ms`);
    return served;
  }
}

/** Copies a live directory. Files that disappear during the copy are no error: the log restores their content. */
async function copyLive(from: string, to: string): Promise<void> {
  try {
    await run('cp', ['-a', from, to], { maxBuffer: 16 * 1_048_576 });
  } catch (error) {
    const lines = String((error as { stderr?: string }).stderr ?? error)
      .trim()
      .split('\n');
    if (!lines.every((line) => line.endsWith('No such file or directory'))) throw error;
  }
  await readFile(join(to, 'PG_VERSION'));
}
