import type { ConsoleParts } from '../parts.ts';
import type { Page } from './page.ts';
import { overviewPage } from './pages/overview.ts';

/** Every page of the console. The navigation, the search and the routes derive from this list. */
export function consolePages(parts: ConsoleParts): readonly Page[] {
  return [overviewPage(parts)];
}
