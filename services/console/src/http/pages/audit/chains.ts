import { services, type ServiceName } from '@tallystick/contracts';
import { html, type Html } from '@tallystick/pages';
import { Audits } from '../../../app/audits.ts';
import { COMPARED_MAX, type ChainVerdict, type Places } from '../../../app/verify-chain.ts';
import type { ConsoleParts } from '../../../parts.ts';
import { faultWords } from '../../other-pages.ts';
import type { Page, PageContent } from '../../page.ts';
import { badge } from '../../parts/badge.ts';
import { card } from '../../parts/card.ts';
import { actForm } from '../../parts/form.ts';
import { problem } from '../../parts/notice.ts';
import { table } from '../../parts/table.ts';
import { facts } from '../../parts/text.ts';
import { chainPassIn, chainPassPath, type ChainPass } from './chain-pass.ts';

const PATH = '/audit/chains';

const faults: Readonly<Record<string, string>> = {
  not_signed: 'The service did not sign this record.',
  told_twice: 'This record contradicts an earlier one.',
  not_linked: 'This entry does not follow from the one before.',
  not_as_told: 'The service shows another entry than the one that it told.',
  changed: 'The service shows a changed entry.',
  missing: 'The service does not show this entry.',
};

type Result = ChainVerdict | { unknown: string };

/** Verifies the chain of each service's audit against the topic on which it was told and signed. */
export function chainsPage(parts: ConsoleParts): Page {
  return {
    path: PATH,
    title: 'Chains of the audits',
    scope: 'audit:read',
    async show({ query }) {
      const pass = chainPassIn(query);
      return pageOf(pass === undefined ? html`` : goOnCard(pass));
    },
    async act(request) {
      // Reading a topic from a broker that is away would take long before it fails.
      if (!parts.index.isFollowing) return kafkaAway();
      const audits = new Audits(parts, request);
      const pass = chainPassIn(request.query);
      const results: [ServiceName, Result][] = [];
      // One after the other: each reads a whole topic.
      for (const service of pass === undefined ? services : [pass.service])
        results.push([service, await verified(audits, service, pass?.before)]);
      return pageOf(resultsCard(results, pass));
    },
  };
}

async function verified(audits: Audits, service: ServiceName, before: number | undefined): Promise<Result> {
  try {
    return await audits.verify(service, before);
  } catch (error) {
    const words = faultWords(error);
    if (words === undefined) throw error;
    return { unknown: `${words.title}. ${words.text}` };
  }
}

function kafkaAway(): PageContent {
  return {
    ...pageOf(
      problem('Kafka does not answer', 'Nothing was verified: the hashes are on the topics of the audits.'),
    ),
    status: 503,
  };
}

/** Renders how far a pass is whose address somebody opens. */
function goOnCard(pass: ChainPass): Html {
  const { service, before, newest } = pass;
  return card({
    title: `Go on with ${service}`,
    note: 'The address of this page says how far the pass is. Nothing was verified by opening it.',
    body: html`${facts([
      ['Compared so far', placesText({ from: before, to: newest })],
      ['Not yet compared', placesText({ from: 1, to: before - 1 })],
    ])}
    ${goOnForm(pass)}`,
  });
}

function resultsCard(
  results: readonly (readonly [ServiceName, Result])[],
  pass: ChainPass | undefined,
): Html {
  return card({
    title: 'Verified now',
    note: 'Told are the entries on the topic: all of them are signed and linked. Compared are those that the service still shows as it told them.',
    body: table({
      caption: 'Chain of each service',
      head: [
        'Service',
        'Result',
        { title: 'Entries told', kind: 'number' },
        'Compared',
        'Not yet compared',
        'Finding',
      ],
      rows: results.map(([service, result]) => [
        html`<strong>${service}</strong>`,
        ...cellsOf(service, result, pass),
      ]),
    }),
  });
}

function cellsOf(service: ServiceName, result: Result, pass: ChainPass | undefined): (Html | string)[] {
  if ('unknown' in result) return [badge('not known', 'warn'), '–', '–', '–', result.unknown];
  if (result.isIntact) {
    const { told, compared } = result;
    if (compared === undefined)
      return [badge('no entries', 'plain'), String(told), '–', '–', 'There is nothing yet.'];
    const all = { from: compared.from, to: pass?.newest ?? compared.to };
    const isWhole = all.from === 1;
    return [
      badge(isWhole ? 'intact' : 'intact so far', 'good'),
      told.toLocaleString('en'),
      html`${placesText(all)}${pass !== undefined && html`<span class="two">now ${placesText(compared)}</span>`}`,
      isWhole ? 'none' : placesText({ from: 1, to: all.from - 1 }),
      isWhole
        ? 'Every entry fits, to the first one.'
        : html`Every compared entry fits. ${goOnForm({ service, before: all.from, newest: all.to })}`,
    ];
  }
  const place = result.seq === undefined ? '' : ` Place ${result.seq}.`;
  const offset = result.offset === undefined ? '' : ` Offset ${result.offset}.`;
  return [
    badge('not intact', 'bad'),
    '–',
    '–',
    '–',
    `${faults[result.fault] ?? result.fault}${place}${offset}`,
  ];
}

function goOnForm(pass: ChainPass): Html {
  const count = Math.min(COMPARED_MAX, pass.before - 1);
  return actForm({
    action: chainPassPath(PATH, pass),
    submit: `Verify the ${count.toLocaleString('en')} before`,
  });
}

function placesText({ from, to }: Places): string {
  return from === to
    ? `place ${from.toLocaleString('en')}`
    : `places ${from.toLocaleString('en')} to ${to.toLocaleString('en')}`;
}

function pageOf(found: Html): PageContent {
  return {
    lead: 'An entry that somebody changes or deletes no longer has the hash that its service told and signed.',
    main: html`${found}
    ${card({
      title: 'What is verified',
      body: html`<ol class="steps">
          <li>
            Each record on the topic of a service's audit is signed by that service, with a key of its time.
          </li>
          <li>Each entry on the topic has the hash that follows from the entry before it.</li>
          <li>
            The service shows each entry as it told it: first the newest ${COMPARED_MAX.toLocaleString('en')},
            then step by step those before, to the first one. Of the console itself, all are compared at once.
          </li>
        </ol>
        <p class="note">
          <code>npx tallystick admin verify-audit</code> compares a whole database, where that database can be
          reached.
        </p>
        ${actForm({ action: PATH, submit: 'Verify every chain' })}`,
    })}`,
  };
}
