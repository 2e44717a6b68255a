import type { MigrationSource } from '@tallystick/postgres';

/** The tables of the payment service. The owner of an account never changes. */
export const paymentSchema: MigrationSource = {
  scope: 'payment',
  directory: new URL('../../src/store/migrations/', import.meta.url),
  appendOnly: ['account_owner'],
  removable: ['producer_mandate'],
};
