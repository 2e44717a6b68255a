import type { ConsoleParts } from '../parts.ts';
import type { Page } from './page.ts';
import { catalogueEntryPage } from './pages/catalogue/entry.ts';
import { cataloguePage } from './pages/catalogue/catalogue.ts';
import { overviewPage } from './pages/overview/overview.ts';
import { paymentPage } from './pages/payments/payment.ts';
import { paymentsPage } from './pages/payments/payments.ts';
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
    paymentsPage(parts),
    paymentPage(parts),
  ];
}
