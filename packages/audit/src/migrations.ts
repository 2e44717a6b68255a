import type { MigrationSource } from '@tallystick/postgres';

/** The tables of the audit chain, in the service's own database. */
export const auditMigrations: MigrationSource = {
  scope: 'audit',
  directory: new URL('../src/migrations/', import.meta.url),
  appendOnly: ['audit_entry'],
  readOnly: ['audit_link'],
};
