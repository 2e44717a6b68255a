import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPool, transaction, type Pool } from '@tallystick/postgres';
import { stopOnExit } from '@tallystick/stack';

const ACCOUNTS = 1_000;
const CLIENTS = 8;
const ROWS = `
  CREATE TABLE limit_account (account_id int PRIMARY KEY, posted_minor bigint NOT NULL);
  CREATE TABLE limit_entry (entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account_id int NOT NULL REFERENCES limit_account,
    amount_minor bigint NOT NULL, posted_at timestamptz NOT NULL DEFAULT now());
  INSERT INTO limit_account SELECT id, 0 FROM generate_series(1, ${ACCOUNTS}) AS id;`;

/** One transfer: two entries and two balances, ordered by account so that transfers cannot deadlock. */
const SCRIPT = `\\set a random(1, ${ACCOUNTS - 1})
\\set b random(:a + 1, ${ACCOUNTS})
\\set amount random(1, 5000)
BEGIN;
INSERT INTO limit_entry (account_id, amount_minor) VALUES (:a, 0 - :amount);
INSERT INTO limit_entry (account_id, amount_minor) VALUES (:b, :amount);
UPDATE limit_account SET posted_minor = posted_minor - :amount WHERE account_id = :a;
UPDATE limit_account SET posted_minor = posted_minor + :amount WHERE account_id = :b;
COMMIT;
`;

export interface PostgresLimit {
  /** Statement by statement, pgbench's default. */
  transfersPerSecond: number;
  /** The same with prepared statements; `null` without pgbench. */
  preparedPerSecond: number | null;
  /** The client: pgbench, or this process if that is not installed. */
  by: 'pgbench' | 'node';
  /** Whether each commit was on disk before it was confirmed. */
  durable: boolean;
  serverVersion: string;
}

/**
 * Measures the transfers per second that this Postgres posts, one per transaction, with 8 clients on 1,000 accounts.
 * No system that commits each payment separately can exceed this rate.
 * @param url URL of an empty database or schema, whose role may create tables
 */
export async function measurePostgresLimit(url: string, seconds: number): Promise<PostgresLimit> {
  const pool = createPool({
    url,
    applicationName: 'load-limit',
    maxConnections: CLIENTS,
    planner: 'nested-loops',
  });
  try {
    await pool.query(ROWS);
    const { rows } = await pool.query<{ version: string; durable: boolean }>(
      `SELECT current_setting('server_version') AS version,
              current_setting('fsync') = 'on' AND current_setting('synchronous_commit') <> 'off' AS durable`,
    );
    const byPgbench = await runPgbench(url, seconds, 'simple');
    const transfersPerSecond = byPgbench ?? (await runNode(pool, seconds));
    const preparedPerSecond = byPgbench === null ? null : await runPgbench(url, seconds, 'prepared');
    const { version, durable } = rows[0]!;
    return {
      transfersPerSecond,
      preparedPerSecond,
      by: byPgbench === null ? 'node' : 'pgbench',
      durable,
      serverVersion: version,
    };
  } finally {
    await pool.end();
  }
}

async function runPgbench(
  url: string,
  seconds: number,
  protocol: 'simple' | 'prepared',
): Promise<number | null> {
  const directory = await mkdtemp(join(tmpdir(), 'tallystick-limit-'));
  try {
    const script = join(directory, 'transfer.sql');
    await writeFile(script, SCRIPT);
    const flags = `--no-vacuum --protocol ${protocol} --client ${CLIENTS} --jobs 2 --time ${Math.ceil(seconds)}`;
    const output = await outputOfPgbench(url, ['--file', script, ...flags.split(' ')]);
    const tps = /^tps = ([\d.]+)/m.exec(output ?? '')?.[1];
    if (output !== null && tps === undefined) throw new Error(`pgbench printed no rate:\n${output}`);
    return tps === undefined ? null : Number(tps);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** @returns its output, or `null` if it is not installed */
function outputOfPgbench(url: string, args: string[]): Promise<string | null> {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const child = spawn('pgbench', args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // passed by environment, which other users cannot read, unlike a command line
    env: {
      PATH: process.env['PATH'],
      PGHOST: hostname,
      PGPORT: port,
      PGUSER: decodeURIComponent(username),
      PGPASSWORD: decodeURIComponent(password),
      PGDATABASE: pathname.slice(1),
      PGOPTIONS: searchParams.get('options') ?? '',
    },
  });
  const unregister = stopOnExit(async () => void child.kill());
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise<string | null>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' ? resolve(null) : reject(error),
    );
    child.once('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`pgbench exited with ${String(code)}:\n${output}`)),
    );
  }).finally(unregister);
}

async function runNode(pool: Pool, seconds: number): Promise<number> {
  const began = performance.now();
  let posted = 0;
  const client = async (): Promise<void> => {
    while (performance.now() - began < seconds * 1000) {
      await transfer(pool);
      posted += 1;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return (posted * 1000) / (performance.now() - began);
}

async function transfer(pool: Pool): Promise<void> {
  const a = 1 + Math.floor(Math.random() * (ACCOUNTS - 1));
  const b = a + 1 + Math.floor(Math.random() * (ACCOUNTS - a));
  const amount = 1 + Math.floor(Math.random() * 5_000);
  await transaction(pool, async (tx) => {
    const enter = 'INSERT INTO limit_entry (account_id, amount_minor) VALUES ($1, $2)';
    const move = 'UPDATE limit_account SET posted_minor = posted_minor + $2 WHERE account_id = $1';
    await tx.query({ name: 'limit_entry', text: enter, values: [a, -amount] });
    await tx.query({ name: 'limit_entry', text: enter, values: [b, amount] });
    await tx.query({ name: 'limit_move', text: move, values: [a, -amount] });
    await tx.query({ name: 'limit_move', text: move, values: [b, amount] });
  });
}
