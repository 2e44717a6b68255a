import { html, type Html } from '@tallystick/pages';
import {
  FOUND_MAX,
  findRecords,
  indexExtent,
  type FoundRecord,
} from '../../../message-index/find-records.ts';
import type { ConsoleParts } from '../../../parts.ts';
import { faultWords } from '../../other-pages.ts';
import type { Page, PageContent, PageRequest } from '../../page.ts';
import { badge, type Tone } from '../../parts/badge.ts';
import { card } from '../../parts/card.ts';
import { emptyState, hint, problem } from '../../parts/notice.ts';
import { nextPage } from '../../parts/table.ts';
import { facts, id, time } from '../../parts/text.ts';
import { timeline } from '../../parts/timeline.ts';
import { moneyCard } from './money.ts';
import { paymentPath } from './paths.ts';
import { paymentStates } from './states.ts';
import { errorTitle } from './error-title.ts';
import { releasesThen } from './release-then.ts';
import { carriedRequests } from './request-step.ts';
import { fieldOf, stepsOf, traceLink } from './step.ts';

const PAYMENT_ID = /^pay_[0-9a-f-]{36}$/;
const ID_CHARS_MAX = 200;

/** Shows everything about a payment, found by any id: its messages, who signed them, the money and the errors. */
export function paymentPage(parts: ConsoleParts): Page {
  return {
    path: '/payments/:id',
    title: 'Payment',
    scope: 'ledger:read',
    show: (request) => shown(parts, request),
    // The index knows ids of all kinds, so it is asked last.
    find: (text) => (text.length <= ID_CHARS_MAX ? paymentPath(text) : undefined),
  };
}

async function shown(parts: ConsoleParts, request: PageRequest): Promise<PageContent> {
  const wanted = request.params['id']!;
  const before = timeIn(request.query.get('before'));
  try {
    return await withRecords(parts, request, await findRecords(parts.pool, wanted, { before }));
  } catch (error) {
    return withoutIndex(request, wanted, error);
  }
}

async function withRecords(
  parts: ConsoleParts,
  request: PageRequest,
  records: readonly FoundRecord[],
): Promise<PageContent> {
  const { config, index } = parts;
  const wanted = request.params['id']!;
  if (records.length === 0) return nothingFound(parts, wanted);
  const payments = [...new Set(records.flatMap((one) => paymentIn(one) ?? []))];
  const paymentId = PAYMENT_ID.test(wanted) ? wanted : payments.length === 1 ? payments[0] : undefined;
  const state = stateOf(records, paymentId);
  const traces = [...new Set(records.flatMap(({ traceId }) => traceId ?? []))];
  const older =
    records.length === FOUND_MAX
      ? `${paymentPath(wanted)}?before=${records[0]!.recordedAt.getTime()}`
      : undefined;
  return {
    title: paymentId === undefined ? `Messages with ${wanted}` : 'Payment',
    lead: html`<code class="id">${paymentId ?? wanted}</code>${
        paymentId !== undefined && paymentId !== wanted && html`, found by <code class="id">${wanted}</code>`
      }`,
    ...(state === undefined ? {} : { aside: badge(...state) }),
    main: html`${
      !index.isFollowing && hint('Kafka does not answer: newer messages are missing until it does.')
    }
    ${failureCard(records, paymentId)}
    ${card({
      title: 'In short',
      body: facts([
        ['First message', time(records[0]!.recordedAt.toISOString())],
        ['Last message', time(records.at(-1)!.recordedAt.toISOString())],
        ['Messages', String(records.length)],
        ['HTTP requests', String(carriedRequests(records).size)],
        ['Refused', String(records.filter(({ failedCheck }) => failedCheck !== null).length)],
        paymentId === undefined &&
          payments.length > 0 && [
            'Payments',
            html`${payments.slice(0, 10).map((one) => html`${id(one, paymentPath(one))} `)}${
              payments.length > 10 && `and ${payments.length - 10} more`
            }`,
          ],
        traces.length > 0 && [
          traces.length === 1 ? 'Trace' : 'Traces',
          html`${traces.slice(0, 5).map((one) => html`${traceLink(one, config.JAEGER_URL)} `)}`,
        ],
      ]),
    })}
    ${paymentId !== undefined && (await moneyCard(request, paymentId))}
    ${card({
      title: 'Timeline',
      note: 'Each message and each signed HTTP request, as the index checked it: who signed it, and under which evidence. Requests that only read leave no message.',
      body: timeline(
        stepsOf(records, {
          jaegerUrl: config.JAEGER_URL,
          releases: await releasesThen(parts, records),
        }),
      ),
    })}
    ${nextPage(older)}`,
  };
}

/** Shows what the ledger knows of a payment while Postgres does not answer the console. */
async function withoutIndex(request: PageRequest, wanted: string, fault: unknown): Promise<PageContent> {
  const words = faultWords(fault);
  if (words === undefined || !PAYMENT_ID.test(wanted)) throw fault;
  return {
    lead: html`<code class="id">${wanted}</code>`,
    status: words.status,
    main: html`${problem(words.title, words.text)} ${await moneyCard(request, wanted)}`,
  };
}

function stateOf(
  records: readonly FoundRecord[],
  paymentId: string | undefined,
): readonly [string, Tone] | undefined {
  if (paymentId === undefined) return undefined;
  const last = records.findLast(
    (one) =>
      one.failedCheck === null &&
      Object.hasOwn(paymentStates, one.type ?? '') &&
      paymentIn(one) === paymentId,
  );
  return last === undefined ? undefined : paymentStates[last.type!];
}

function failureCard(records: readonly FoundRecord[], paymentId: string | undefined): Html | undefined {
  const failed = records.findLast(
    ({ type, failedCheck }) => failedCheck === null && type === 'payment.failed',
  );
  const code = failed === undefined ? undefined : fieldOf(failed.facts, 'code');
  if (paymentId === undefined || typeof code !== 'string') return undefined;
  return html`<div class="notice bad">
    <p class="notice-title">${errorTitle(code)}</p>
    <p>The payment failed with <code>${code}</code>. No money moved.</p>
  </div>`;
}

async function nothingFound({ pool }: ConsoleParts, wanted: string): Promise<PageContent> {
  const { oldestAt } = await indexExtent(pool);
  return {
    title: 'Nothing has this id',
    status: 404,
    main: html`<section class="card">
      ${facts([['Searched for', html`<code class="id">${wanted}</code>`]])}
      ${emptyState(
        'Where else to look',
        html`The index has
        ${oldestAt === null ? 'no message yet' : html`messages since ${time(oldestAt.toISOString())}`}. It
        knows payments, end-to-end ids, holds, transfers, card authorizations, captures, refunds, accounts,
        mandates, producers, message ids, keys and traces.`,
      )}
      <ul class="links">
        <li><a href="/quarantine">Records in quarantine</a>: a refused message may not name its payment.</li>
        <li><a href="/payments">The newest payments</a></li>
        <li><a href="/catalogue">Operations, messages and topics</a></li>
        <li><a href="/audit">The audit</a>: who decided what</li>
      </ul>
    </section>`,
  };
}

function paymentIn({ facts: told }: FoundRecord): string | undefined {
  const paymentId = fieldOf(told, 'paymentId');
  return typeof paymentId === 'string' && PAYMENT_ID.test(paymentId) ? paymentId : undefined;
}

function timeIn(text: string | null): Date | undefined {
  return /^\d{1,15}$/.test(text ?? '') ? new Date(Number(text)) : undefined;
}
