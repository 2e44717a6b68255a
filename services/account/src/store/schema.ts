import type { MigrationSource } from '@tallystick/postgres';

/** The tables of the account service. */
export const accountSchema: MigrationSource = {
  scope: 'account',
  directory: new URL('../../src/store/migrations/', import.meta.url),
};
