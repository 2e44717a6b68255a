import { findMessage, currencies } from '@tallystick/contracts';
import { html, type Html } from '@tallystick/pages';
import type { EvidenceSummary } from '../../../message-index/evidence-summary.ts';
import type { FoundRecord } from '../../../message-index/find-records.ts';
import { sourceOf } from '../../../message-index/index-store.ts';
import { badge, type Tone } from '../../parts/badge.ts';
import { disclosure } from '../../parts/form.ts';
import { json } from '../../parts/more-pages.ts';
import { bytesText } from '../../parts/numbers.ts';
import { facts, id, money } from '../../parts/text.ts';
import type { TimelineItem } from '../../parts/timeline.ts';
import { recordPath } from '../quarantine/paths.ts';
import { errorTitle } from './error-title.ts';
import { paymentPath, recordAnchor, requestAnchor } from './paths.ts';
import { releaseText, type ReleaseThen } from './release-then.ts';
import { carriedRequests, requestStep } from './request-step.ts';

const kindWords: Readonly<Record<EvidenceSummary['kind'], string>> = {
  order: 'the order of a third party',
  request: 'a signed HTTP request',
  decision: 'the card service’s decision',
};

/** What the steps of one timeline share. */
export interface StepContext {
  jaegerUrl: string | undefined;
  /** The release of the service that wrote a record; a record of another sender is not in it. */
  releases: ReadonlyMap<FoundRecord, ReleaseThen | undefined>;
}

/** Renders records as steps, with each HTTP request that they carry before the first of them. */
export function stepsOf(records: readonly FoundRecord[], context: StepContext): TimelineItem[] {
  const requests = carriedRequests(records);
  return records.flatMap((record) => {
    const carried = requests.get(record.evidence?.request?.digest ?? '');
    const step = stepOf(record, context);
    return carried?.carriers[0] === record ? [requestStep(carried), step] : [step];
  });
}

/**
 * Renders a record as a step: what it says, whether its signature holds, who signed it, with which key and under which
 * evidence.
 */
function stepOf(record: FoundRecord, context: StepContext): TimelineItem {
  const [source, isQuarantined] = sourceOf(record.topic);
  const summary = findMessage(source, record.type ?? '')?.summary;
  const failure = codeIn(record);
  return {
    id: recordAnchor(record),
    at: record.recordedAt.toISOString(),
    tone: toneOf(record, isQuarantined, failure),
    title: html`${
      isQuarantined ? 'In quarantine: ' : ''
    }${summary ?? record.type ?? 'A record that is no message'}${amountOf(record)}`,
    body: html`<p>
        ${stateBadge(record, isQuarantined)}
        <code>${record.type ?? 'no type'}</code
        >${record.version !== null && html` version ${record.version}`}, ${senderText(record)} →
        <code>${record.topic}</code>
      </p>
      ${
        record.code !== null &&
        html`<p>
          <strong>${errorTitle(record.code)}</strong> (<code>${record.code}</code>, check
          ${record.failedCheck ?? 'unknown'})${record.detail !== null && html`: ${record.detail}`}
        </p>`
      }
      ${
        failure !== undefined &&
        html`<p><strong>${errorTitle(failure)}</strong> (<code>${failure}</code>)</p>`
      }
      ${record.evidence !== null && evidenceText(record.evidence)}
      ${disclosure('Details', detailsOf(record, isQuarantined ? source : undefined, context))}`,
  };
}

function toneOf(record: FoundRecord, isQuarantined: boolean, failure: string | undefined): Tone {
  if (isQuarantined || record.failedCheck !== null) return 'bad';
  if (record.isEncrypted || failure !== undefined) return 'warn';
  return 'good';
}

function stateBadge({ failedCheck, isEncrypted }: FoundRecord, isQuarantined: boolean): Html {
  if (isQuarantined) return badge('quarantined', 'bad');
  if (isEncrypted) return badge('encrypted', 'warn');
  return failedCheck === null ? badge('signature holds', 'good') : badge('refused', 'bad');
}

function senderText({ issuer, failedCheck, isEncrypted }: FoundRecord): Html {
  if (issuer === null) return html`unknown sender`;
  return failedCheck === null && !isEncrypted
    ? html`signed by <strong>${issuer}</strong>`
    : html`claims to be from <strong>${issuer}</strong>`;
}

function evidenceText({ kind, signer, request, code }: EvidenceSummary): Html {
  const words =
    request === undefined || kind !== 'request'
      ? kindWords[kind]
      : html`<a href="#${requestAnchor(request.digest)}">${kindWords[kind]}</a>`;
  return html`<p>
    ${
      code === undefined
        ? html`Under ${words}, signed by <strong>${signer}</strong>`
        : html`${badge('evidence does not hold', 'bad')} ${errorTitle(code)}: ${words}, claimed by
          ${signer ?? 'nobody'}`
    }${
      kind === 'decision' &&
      request !== undefined &&
      html`, on <a href="#${requestAnchor(request.digest)}">the request</a> of
        <strong>${request.subject ?? 'nobody'}</strong>`
    }.
  </p>`;
}

function detailsOf(
  record: FoundRecord,
  quarantineOf: string | undefined,
  { jaegerUrl, releases }: StepContext,
): Html {
  const { evidence } = record;
  return html`${facts([
    ['Place', `${record.topic}, partition ${record.partition}, offset ${record.offset}`],
    record.key !== null && ['Record key', id(record.key, paymentPath(record.key))],
    record.kid !== null && ['Signing key', id(record.kid, paymentPath(record.kid))],
    record.jti !== null && ['Id (jti)', id(record.jti, paymentPath(record.jti))],
    record.cause !== null && ['Because of', id(record.cause, paymentPath(record.cause))],
    record.txn !== null && ['Transaction', id(record.txn, paymentPath(record.txn))],
    evidence?.keyThumbprint !== undefined && [
      'Key of the evidence',
      id(evidence.keyThumbprint, paymentPath(evidence.keyThumbprint)),
    ],
    releases.has(record) && [`Release of ${record.issuer}`, releaseText(record, releases.get(record))],
    record.traceId !== null && ['Trace', traceLink(record.traceId, jaegerUrl)],
    ['Size', bytesText(record.valueBytes)],
    quarantineOf !== undefined && [
      'Quarantine',
      html`<a href="${recordPath({ topic: quarantineOf, offset: record.offset })}">what to do with it</a>`,
    ],
  ])}
  ${record.facts !== null && json(record.facts)}`;
}

/** Renders a trace, as a link to Jaeger if it has pages. */
export function traceLink(traceId: string, jaegerUrl: string | undefined): Html {
  return id(
    traceId,
    jaegerUrl === undefined ? undefined : `${jaegerUrl.replace(/\/$/, '')}/trace/${traceId}`,
  );
}

/** Returns the code of a refusal or failure that an event tells of. */
function codeIn({ facts: told, failedCheck }: FoundRecord): string | undefined {
  const code = fieldOf(told, 'code');
  return failedCheck === null && typeof code === 'string' ? code : undefined;
}

function amountOf({ facts: told, failedCheck }: FoundRecord): Html | undefined {
  const [amount, currency] = [fieldOf(told, 'amountMinor'), fieldOf(told, 'currency')];
  if (failedCheck !== null || typeof currency !== 'string' || !Object.hasOwn(currencies, currency))
    return undefined;
  return typeof amount === 'number' && Number.isSafeInteger(amount)
    ? html` · ${money(BigInt(amount), currency)}`
    : undefined;
}

/** Returns a field of what a record tells. */
export function fieldOf(told: FoundRecord['facts'], name: string): unknown {
  return typeof told === 'object' && told !== null && !Array.isArray(told)
    ? (told as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
