import { operations, type OperationDefinition } from '@tallystick/contracts';
import { html, type Html } from '@tallystick/pages';
import type { FoundRecord } from '../../../message-index/find-records.ts';
import type { RequestSummary } from '../../../message-index/request-summary.ts';
import { badge } from '../../parts/badge.ts';
import { disclosure } from '../../parts/form.ts';
import { facts, id, time } from '../../parts/text.ts';
import type { TimelineItem } from '../../parts/timeline.ts';
import { errorTitle } from './error-title.ts';
import { paymentPath, recordAnchor, requestAnchor } from './paths.ts';

const MESSAGES_SHOWN = 8;

/** An HTTP request with the messages that carry it. */
export interface CarriedRequest {
  request: RequestSummary;
  /** At least one, the first one first. */
  carriers: readonly FoundRecord[];
}

/** Returns the HTTP requests that messages carry as evidence, each once, by their digest and in the order of the messages. */
export function carriedRequests(records: readonly FoundRecord[]): Map<string, CarriedRequest> {
  const found = new Map<string, { request: RequestSummary; carriers: FoundRecord[] }>();
  for (const record of records) {
    const request = record.evidence?.request;
    if (request === undefined) continue;
    const known = found.get(request.digest);
    if (known === undefined) found.set(request.digest, { request, carriers: [record] });
    else known.carriers.push(record);
  }
  return found;
}

/** Renders an HTTP request as a step: its method and path, subject, client and key, and the result of its proof. */
export function requestStep({ request, carriers }: CarriedRequest): TimelineItem {
  const { operation, method, path, subject, clientId, signedAt, code } = request;
  const summary = Object.values<OperationDefinition>(operations).find((one) => one.id === operation)?.summary;
  return {
    id: requestAnchor(request.digest),
    at: signedAt ?? carriers[0]!.recordedAt.toISOString(),
    tone: code === undefined ? 'accent' : 'bad',
    title: html`HTTP request: ${summary ?? operation ?? 'an unknown operation'}`,
    body: html`<p>
        ${code === undefined ? badge('proof holds', 'good') : badge('proof does not hold', 'bad')}
        <code>${method ?? '?'} ${path ?? 'no path'}</code>, ${code !== undefined && 'claims to be '}signed
        ${subject !== undefined && html`for <strong>${subject}</strong>`} by client
        <strong>${clientId ?? 'unknown'}</strong>
      </p>
      ${code !== undefined && html`<p><strong>${errorTitle(code)}</strong> (<code>${code}</code>)</p>`}
      <p>Carried by ${carrierLinks(carriers)}.</p>
      ${disclosure('Details', detailsOf(request))}`,
  };
}

function carrierLinks(carriers: readonly FoundRecord[]): Html {
  const more = carriers.length - MESSAGES_SHOWN;
  return html`${carriers
    .slice(0, MESSAGES_SHOWN)
    .map(
      (one, at) => html`${at > 0 && ', '}<a href="#${recordAnchor(one)}">${one.type ?? 'a message'}</a>`,
    )}${more > 0 && ` and ${more} more`}`;
}

function detailsOf({ operation, subject, keyThumbprint, jti, signedAt }: RequestSummary): Html {
  return facts([
    operation !== undefined && [
      'Operation',
      html`<a href="/catalogue/operations/${encodeURIComponent(operation)}"><code>${operation}</code></a>`,
    ],
    subject !== undefined && ['Subject', id(subject, `/parties/${encodeURIComponent(subject)}`)],
    keyThumbprint !== undefined && ['Key of the proof', id(keyThumbprint, paymentPath(keyThumbprint))],
    jti !== undefined && ['Id of the proof (jti)', id(jti, paymentPath(jti))],
    signedAt !== undefined && ['Signed, by the client’s clock', time(signedAt)],
  ]);
}
