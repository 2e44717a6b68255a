import type { MigrationSource } from '@tallystick/postgres';

/** The tables of the console. */
export const consoleSchema: MigrationSource = {
  scope: 'console',
  directory: new URL('../../src/store/migrations/', import.meta.url),
  removable: [
    'pending_sign_in',
    'session',
    'indexed_record',
    'indexed_id',
    'indexed_position',
    'quarantined_record',
    'quarantine_group',
  ],
  appendOnly: ['act', 'quarantine_act'],
};
