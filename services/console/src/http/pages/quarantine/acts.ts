import type { Scope } from '@tallystick/contracts';
import { html, type Html, type HtmlPart } from '@tallystick/pages';
import { beginJob, jobKinds, REASON_CHARS_MAX, type Selection } from '../../../quarantine/jobs.ts';
import type { ConsoleParts } from '../../../parts.ts';
import { roleNeededPage } from '../../other-pages.ts';
import type { PageAnswer, PageOperator, PageRequest } from '../../page.ts';
import { field } from '../../parts/form.ts';
import { hint } from '../../parts/notice.ts';
import { jobPath } from './paths.ts';

/** The scope that lets an operator act on quarantined records. */
export const RELEASE_SCOPE = 'quarantine:release' satisfies Scope;

/**
 * Renders the form of acts on quarantined records. A dry run needs no reason.
 * @param options.fields what the acts are about
 * @param options.after under the buttons, such as rows to choose from; shown to those who may not act, too
 */
export function actsForm(
  operator: PageOperator,
  options: { action: string; fields: HtmlPart; after?: HtmlPart; isReleasable: boolean },
): Html {
  const { action, fields, after, isReleasable } = options;
  if (!operator.scopes.has(RELEASE_SCOPE))
    return html`${hint('Releasing and discarding need the role support, which gives the scope quarantine:release.')}
    ${after}`;
  return html`<form class="act" method="post" action="${action}">
    ${fields}
    ${field({
      name: 'reason',
      label: 'Reason',
      help: 'For a release or a discard: why. The audit names you, and the job keeps the reason.',
      isRequired: true,
      lengthMax: REASON_CHARS_MAX,
    })}
    <div class="buttons">
      <button class="button primary" type="submit" name="act" value="dry_run" formnovalidate>Dry run</button>
      ${isReleasable && html`<button class="button" type="submit" name="act" value="release">Release</button>`}
      <button class="button severe" type="submit" name="act" value="discard">Discard</button>
    </div>
    ${after}
  </form>`;
}

/**
 * Begins the job that a form asks for.
 * @param refuse renders the page again with what is wrong
 */
export async function act(
  { pool, config, nowMs }: ConsoleParts,
  { operator, form }: PageRequest,
  selection: Selection | undefined,
  refuse: (fault: string) => Promise<PageAnswer>,
): Promise<PageAnswer> {
  if (!operator.scopes.has(RELEASE_SCOPE)) return roleNeededPage(RELEASE_SCOPE);
  const kind = jobKinds.find((one) => one === form.get('act'));
  if (kind === undefined) return refuse('Choose a dry run, a release or a discard.');
  const reason = form.get('reason')?.trim() ?? '';
  if (reason === '' && kind !== 'dry_run') return refuse(`Give a reason: a ${kind} is in the audit.`);
  if (selection === undefined) return refuse('Choose at least one record.');
  const jobId = await beginJob(
    pool,
    {
      kind,
      selection,
      reason: reason === '' ? 'Dry run' : reason,
      actor: operator.operatorId,
      clientId: config.CLIENT_ID,
    },
    nowMs(),
  );
  if (jobId === undefined)
    return refuse('None of these records waits any more: somebody released or discarded them.');
  return { redirect: jobPath(jobId) };
}
