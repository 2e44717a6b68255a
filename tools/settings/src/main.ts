import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingsPage } from './settings-page.ts';

/** Writes docs/settings.md; a test fails while the committed page differs from it. */
writeFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'settings.md'), settingsPage());
