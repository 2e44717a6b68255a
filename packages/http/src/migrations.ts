import type { MigrationSource } from '@tallystick/postgres';

/** The tables of idempotency keys and used proofs, in the service's own database. */
export const edgeMigrations: MigrationSource = {
  scope: 'http',
  directory: new URL('../src/migrations/', import.meta.url),
  removable: ['idempotency_key', 'used_proof'],
};
