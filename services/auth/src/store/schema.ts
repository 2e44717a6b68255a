import type { MigrationSource } from '@tallystick/postgres';

/** The tables of the auth service. */
export const authSchema: MigrationSource = {
  scope: 'auth',
  directory: new URL('../../src/store/migrations/', import.meta.url),
  removable: ['oidc_records', 'sign_in_attempts'],
};
