import { ProblemError, type Client } from '@tallystick/client';
import type { OperationDefinition } from '@tallystick/contracts';
import { html, type Html } from '@tallystick/pages';
import type { ConsoleParts } from '../parts.ts';
import { insertAct, REASON_CHARS_MAX } from '../store/acts.ts';
import { roleNeededPage } from './other-pages.ts';
import type { PageAnswer, PageRequest } from './page.ts';
import { actForm, field, type ActForm } from './parts/form.ts';
import { done } from './parts/notice.ts';

/** An act on a service, as a page asks for it. */
export interface OrderedAct {
  operation: OperationDefinition;
  /** On what, for the list of acts. */
  object: string;
  /** Calls the operation. */
  call: (client: Client) => Promise<unknown>;
  /** The path of the page that is shown afterwards. */
  back: string;
}

/**
 * Carries out an act of an operator, and writes it down with its reason and outcome. The service decides; its refusal is
 * written down too.
 * @throws as the client does, for a refusal
 */
export async function carryOutAct(
  { pool, config, nowMs }: ConsoleParts,
  { operator, client, form }: PageRequest,
  { operation, object, call, back }: OrderedAct,
): Promise<PageAnswer> {
  if (!operator.scopes.has(operation.scope)) return roleNeededPage(operation.scope);
  const reason = reasonIn(form);
  if (reason === '') return { redirect: withMessage(back, 'missing', 'reason') };
  const note = (outcome: string): Promise<void> =>
    insertAct(
      pool,
      {
        operatorId: operator.operatorId,
        operatorName: operator.name,
        operation: operation.id,
        object,
        reason,
        outcome,
        clientId: config.CLIENT_ID,
      },
      nowMs(),
    );
  try {
    await call(client);
  } catch (error) {
    if (error instanceof ProblemError) await note(error.code);
    throw error;
  }
  await note('done');
  return { redirect: withMessage(back, 'did', operation.id) };
}

/** Returns the reason that an operator gave, in one line. */
export function reasonIn(form: URLSearchParams): string {
  const text = form.get('reason') ?? '';
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, REASON_CHARS_MAX);
}

function withMessage(path: string, name: string, value: string): string {
  const url = new URL(path, 'http://console.invalid');
  url.searchParams.set(name, value);
  return url.pathname + url.search;
}

/** Words for what was done, by operation; a page shows no other text of its address. */
const words: Readonly<Record<string, string>> = {
  'account.freeze': 'The account is frozen: no money leaves it.',
  'account.unfreeze': 'The account is open again.',
  'auth.client.disable': 'The client is disabled.',
  'auth.client.enable': 'The client is enabled.',
  'auth.customer.disable': 'The customer is disabled.',
  'auth.customer.enable': 'The customer is enabled.',
  'auth.operator.disable': 'The operator is disabled.',
  'auth.operator.enable': 'The operator is enabled.',
  'auth.sessions.end': 'The sessions are ended.',
  'auth.operator.sessions.end': 'The sessions are ended.',
  'auth.producer.revoke': 'The key is revoked.',
  'auth.producer.register': 'The key is certified.',
  'account.mandate.withdraw_of_party': 'The mandates are withdrawn.',
};

/** Renders what the last act did, or what it lacked. */
export function lastAct(query: URLSearchParams): Html | undefined {
  const did = words[query.get('did') ?? ''];
  if (did !== undefined) return done(did);
  if (query.get('missing') === 'reason')
    return html`<div class="notice bad" role="alert">
      <p>Nothing was done: give a reason, which is kept with the act.</p>
    </div>`;
  return undefined;
}

/** Renders the form of an act with its reason. */
export function reasonedForm(form: ActForm & { id: string }): Html {
  const { id, fields, ...rest } = form;
  return actForm({
    ...rest,
    fields: html`${fields}
    ${field({ name: 'reason', id: `${id}-reason`, label: 'Reason', isRequired: true, lengthMax: REASON_CHARS_MAX })}`,
  });
}
