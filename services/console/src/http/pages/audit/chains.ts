import { services, type ServiceName } from '@tallystick/contracts';
import { html, type Html } from '@tallystick/pages';
import { Audits } from '../../../app/audits.ts';
import { COMPARED_MAX, type ChainVerdict } from '../../../app/verify-chain.ts';
import type { ConsoleParts } from '../../../parts.ts';
import { faultWords } from '../../other-pages.ts';
import type { Page, PageContent } from '../../page.ts';
import { badge } from '../../parts/badge.ts';
import { card } from '../../parts/card.ts';
import { actForm } from '../../parts/form.ts';
import { table } from '../../parts/table.ts';

const faults: Readonly<Record<string, string>> = {
  not_signed: 'The service did not sign this record.',
  told_twice: 'This record contradicts an earlier one.',
  not_linked: 'This entry does not follow from the one before.',
  not_as_told: 'The service shows another entry than the one that it told.',
  changed: 'The service shows a changed entry.',
  missing: 'An entry is missing.',
};

type Result = ChainVerdict | { unknown: string };

/** Verifies the chain of each service's audit against the topic on which it was told and signed. */
export function chainsPage(parts: ConsoleParts): Page {
  return {
    path: '/audit/chains',
    title: 'Chains of the audits',
    scope: 'audit:read',
    async show() {
      return pageOf();
    },
    async act(request) {
      const audits = new Audits(parts, request);
      const results: [ServiceName, Result][] = [];
      // One after the other: each reads a whole topic.
      for (const service of services) results.push([service, await verified(audits, service)]);
      return pageOf(results);
    },
  };
}

async function verified(audits: Audits, service: ServiceName): Promise<Result> {
  try {
    return await audits.verify(service);
  } catch (error) {
    const words = faultWords(error);
    if (words === undefined) throw error;
    return { unknown: `${words.title}. ${words.text}` };
  }
}

function pageOf(results?: readonly (readonly [ServiceName, Result])[]): PageContent {
  return {
    lead: 'An entry that somebody changes or deletes no longer has the hash that its service told and signed.',
    main: html`${
      results !== undefined &&
      card({
        title: 'Verified now',
        body: table({
          caption: 'Chain of each service',
          head: [
            'Service',
            'Result',
            { title: 'Entries told', kind: 'number' },
            { title: 'Compared', kind: 'number' },
            'Finding',
          ],
          rows: results.map(([service, result]) => [html`<strong>${service}</strong>`, ...cellsOf(result)]),
        }),
      })
    }
    ${card({
      title: 'What is verified',
      body: html`<ol class="steps">
          <li>
            Each record on the topic of a service's audit is signed by that service, with a key of its time.
          </li>
          <li>Each entry has the hash that follows from the entry before it.</li>
          <li>
            The newest ${COMPARED_MAX.toLocaleString('en')} entries that the service shows are those that it
            told; of the console itself, all are compared.
          </li>
        </ol>
        <p class="note">
          <code>npx tallystick admin verify-audit</code> compares a whole database, where that database can be
          reached.
        </p>
        ${actForm({ action: '/audit/chains', submit: 'Verify every chain' })}`,
    })}`,
  };
}

function cellsOf(result: Result): (Html | string)[] {
  if ('unknown' in result) return [badge('not known', 'warn'), '–', '–', result.unknown];
  if (result.isIntact)
    return [
      badge('intact', 'good'),
      result.told.toLocaleString('en'),
      result.compared.toLocaleString('en'),
      'Every entry fits.',
    ];
  const place = result.seq === undefined ? '' : ` Place ${result.seq}.`;
  const offset = result.offset === undefined ? '' : ` Offset ${result.offset}.`;
  return [badge('not intact', 'bad'), '–', '–', `${faults[result.fault] ?? result.fault}${place}${offset}`];
}
