import { services } from '@tallystick/contracts';
import { shortReleaseId } from '@tallystick/interfaces';
import { html, type Html } from '@tallystick/pages';
import type { DeclaredRelease } from '../../../app/declared-releases.ts';
import { findReleases, type FoundRecord } from '../../../message-index/find-records.ts';
import type { ConsoleParts } from '../../../parts.ts';
import { badge } from '../../parts/badge.ts';

/** The release of a service that had declared its contracts last when a record was written. */
export interface ReleaseThen {
  releaseId: string;
  /** What it declared; `undefined` if that was not read. */
  declared: DeclaredRelease | undefined;
}

/**
 * Returns the release that wrote each record, as far as it is known: the last one of the sender that had declared its
 * contracts by then. Records of third parties have none.
 */
export async function releasesThen(
  { pool, releases }: Pick<ConsoleParts, 'pool' | 'releases'>,
  records: readonly FoundRecord[],
): Promise<Map<FoundRecord, ReleaseThen | undefined>> {
  const sent = records.filter(
    ({ issuer, failedCheck }) => failedCheck === null && services.some((service) => service === issuer),
  );
  const ids = await findReleases(
    pool,
    sent.map(({ issuer, recordedAt }) => ({ service: issuer!, at: recordedAt })),
  );
  return new Map(sent.map((record, at) => [record, releaseOf(record, ids[at], releases.all)]));
}

/** If the index no longer has the declaration, the topic of contracts still has it. */
function releaseOf(
  { issuer, recordedAt }: FoundRecord,
  indexedId: string | undefined,
  all: readonly DeclaredRelease[],
): ReleaseThen | undefined {
  const own = all.filter(({ service }) => service === issuer);
  const releaseId =
    indexedId ?? own.find(({ declaredAt }) => Date.parse(declaredAt) <= recordedAt.getTime())?.releaseId;
  return releaseId === undefined
    ? undefined
    : { releaseId, declared: own.find((one) => one.releaseId === releaseId) };
}

/** Renders the release that wrote a message, and whether its contracts say that it sends it. */
export function releaseText({ type, version, issuer }: FoundRecord, release: ReleaseThen | undefined): Html {
  if (release === undefined)
    return html`<span class="soft">not known: ${issuer ?? 'it'} had declared none by then</span>`;
  const { releaseId, declared } = release;
  const shown = html`<code title="${releaseId}">${shortReleaseId(releaseId)}</code>`;
  if (declared === undefined) return html`${shown}, whose contracts were not read`;
  return declared.sends.has(`${type}@${version}`)
    ? html`${shown} ${badge('declares this message', 'good')}`
    : html`${shown} ${badge('did not declare this message', 'bad')}`;
}
