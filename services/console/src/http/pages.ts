import type { ConsoleParts } from '../parts.ts';
import type { Page } from './page.ts';
import { accountPage } from './pages/accounts/account.ts';
import { accountsPage } from './pages/accounts/accounts.ts';
import { auditPage } from './pages/audit/audit.ts';
import { chainsPage } from './pages/audit/chains.ts';
import { auditExport } from './pages/audit/export.ts';
import { catalogueEntryPage } from './pages/catalogue/entry.ts';
import { cataloguePage } from './pages/catalogue/catalogue.ts';
import { overviewPage } from './pages/overview/overview.ts';
import { enrolPage } from './pages/parties/enrol.ts';
import { partiesPage } from './pages/parties/parties.ts';
import { partyPage } from './pages/parties/party.ts';
import { paymentPage } from './pages/payments/payment.ts';
import { paymentsPage } from './pages/payments/payments.ts';
import { policyPage } from './pages/policy/policy.ts';
import { quarantineGroupPage } from './pages/quarantine/group.ts';
import { quarantineJobPage } from './pages/quarantine/job.ts';
import { quarantinePage } from './pages/quarantine/quarantine.ts';
import { quarantineRecordPage } from './pages/quarantine/record.ts';

/**
 * Every page of the console. The navigation, the search and the routes derive from this list. The page of a payment comes
 * last: it knows ids of all kinds.
 */
export function consolePages(parts: ConsoleParts): readonly Page[] {
  return [
    overviewPage(parts),
    cataloguePage(parts),
    catalogueEntryPage(parts),
    quarantinePage(parts),
    quarantineGroupPage(parts),
    quarantineRecordPage(parts),
    quarantineJobPage(parts),
    partiesPage(parts),
    enrolPage(parts),
    partyPage(parts),
    accountsPage(),
    accountPage(parts),
    auditPage(parts),
    auditExport(parts),
    chainsPage(parts),
    policyPage(parts),
    paymentsPage(parts),
    paymentPage(parts),
  ];
}
