export { createPool, type Pool, type PoolOptions, type Queryable } from './pool.ts';
export {
  isConflict,
  isTimeout,
  isTransient,
  recentShortage,
  transaction,
  type Statement,
  type Transaction,
} from './transaction.ts';
export { bringForward, migrate, missingMigrations, readMigrations, type MigrationSource } from './migrate.ts';
export { UnfitRoleError } from './rights.ts';
export { awaitMigrations } from './await-migrations.ts';
export { CLOCK_SKEW_MAX_MS, clockSkewMs } from './clock.ts';
export { insertRows, rowSource, updateRows, type Columns } from './array-statements.ts';
export {
  boundsOf,
  EXAMINED_ROWS_MAX,
  findPage,
  mapPage,
  readPage,
  rowsToRead,
  type ListPage,
  type ListPlace,
  type ListRange,
} from './list.ts';
export { createDatabase } from './database.ts';
export { repeat, type Repeated } from './repeat.ts';
export { sweep, type Sweep } from './sweep.ts';
