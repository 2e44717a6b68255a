import type { MigrationSource } from '@tallystick/postgres';

/** The tables of the card service. */
export const cardSchema: MigrationSource = {
  scope: 'card',
  directory: new URL('../../src/store/migrations/', import.meta.url),
  removable: ['data_key'],
};
