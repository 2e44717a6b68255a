import type { ConsoleParts } from '../parts.ts';
import type { Page } from './page.ts';
import { accountPage } from './pages/accounts/account.ts';
import { accountsPage } from './pages/accounts/accounts.ts';
import { auditPage } from './pages/audit/audit.ts';
import { chainsPage } from './pages/audit/chains.ts';
import { auditExport } from './pages/audit/export.ts';
import { overviewPage } from './pages/overview.ts';
import { enrolPage } from './pages/parties/enrol.ts';
import { partiesPage } from './pages/parties/parties.ts';
import { partyPage } from './pages/parties/party.ts';
import { policyPage } from './pages/policy/policy.ts';

/** Every page of the console. The navigation, the search and the routes derive from this list. */
export function consolePages(parts: ConsoleParts): readonly Page[] {
  return [
    overviewPage(parts),
    partiesPage(parts),
    enrolPage(parts),
    partyPage(parts),
    accountsPage(),
    accountPage(parts),
    auditPage(parts),
    auditExport(parts),
    chainsPage(parts),
    policyPage(parts),
  ];
}
