export { createPool, type Pool, type PoolOptions, type Queryable } from './pool.ts';
export { inOneTrip, isTransient, transaction, type Transaction } from './transaction.ts';
export { migrate, type MigrationSource } from './migrate.ts';
export { createDatabase } from './database.ts';
