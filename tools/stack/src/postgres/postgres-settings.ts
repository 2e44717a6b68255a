export const POSTGRES_START_TIMEOUT_MS = 60_000;

/** What both ways of running Postgres set. Nothing here makes a commit less durable. */
export const postgresFlags = ['-c', 'max_connections=300'];

/** The same text order everywhere: that of Postgres itself, not of whatever C library it runs on. */
export const initdbFlags = [
  '--encoding=UTF8',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--locale=C',
];
