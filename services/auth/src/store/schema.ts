import type { MigrationSource } from '@tallystick/postgres';

/** The tables of the auth service. */
export const authSchema: MigrationSource = {
  scope: 'auth',
  directory: new URL('../../src/store/migrations/', import.meta.url),
  removable: ['disabled_client', 'enrolment', 'oidc_record', 'revocation', 'sign_in_attempt'],
  formerNames: {
    customers: 'customer',
    oidc_records: 'oidc_record',
    producer_keys: 'producer_key',
    sign_in_attempts: 'sign_in_attempt',
  },
};
