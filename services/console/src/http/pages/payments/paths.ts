import type { FoundRecord } from '../../../message-index/find-records.ts';

/** Returns the page with everything about an id: a payment, or whatever belongs to one. */
export function paymentPath(id: string): string {
  return `/payments/${encodeURIComponent(id)}`;
}

/** Returns the fragment of a record on a timeline. */
export function recordAnchor({
  topic,
  partition,
  offset,
}: Pick<FoundRecord, 'topic' | 'partition' | 'offset'>): string {
  return `record-${topic}-${partition}-${offset}`;
}

/** Returns the fragment of an HTTP request on a timeline. */
export function requestAnchor(digest: string): string {
  return `request-${digest}`;
}
