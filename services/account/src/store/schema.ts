import type { MigrationSource } from '@tallystick/postgres';

/** The tables of the account service. Posted entries are immutable: a correction is another entry. */
export const accountSchema: MigrationSource = {
  scope: 'account',
  directory: new URL('../../src/store/migrations/', import.meta.url),
  appendOnly: ['journal_entry', 'journal_line', 'wish'],
  insertableViews: ['transfer', 'entry'],
};
