import { operations, powerOf } from '@tallystick/contracts';
import { html, type Html } from '@tallystick/pages';
import { reasonedForm } from '../../acts.ts';
import { faultWords } from '../../other-pages.ts';
import type { PageRequest } from '../../page.ts';
import { badge } from '../../parts/badge.ts';
import { card } from '../../parts/card.ts';
import { disclosure } from '../../parts/form.ts';
import { facts, time } from '../../parts/text.ts';
import { partyPath } from './paths.ts';

const { clientList, clientDisable } = operations;
const PAGE = 200;

/** A client as auth lists it. */
export interface ListedClient {
  clientId: string;
  name?: string | undefined;
  signsIn?: string | undefined;
  scopes: readonly string[];
  disabledAt?: string | undefined;
}

/** Finds a client by its id; `undefined` if there is none, or while auth does not answer. */
export async function clientNamed(
  { client }: PageRequest,
  clientId: string,
): Promise<ListedClient | undefined> {
  try {
    // The registered clients of an installation are few pages.
    for await (const one of client.list(clientList, { query: { limit: PAGE } }))
      if (one.clientId === clientId) return one;
    return undefined;
  } catch (error) {
    if (faultWords(error) === undefined) throw error;
    return undefined;
  }
}

/** Renders a client with its scopes, and the act that disables or enables it. */
export function clientPart(client: ListedClient, { operator }: PageRequest): Html {
  const isDisabled = client.disabledAt !== undefined;
  const powers = [...new Set(client.scopes.flatMap((scope) => powerOf(scope) ?? []))];
  return card({
    title: 'Client',
    body: html`${facts([
        ['Name', client.name ?? '–'],
        ['Signs in', client.signsIn ?? 'nobody: it acts for itself'],
        client.signsIn === undefined && ['Power', powers.join(', ')],
        ['State', isDisabled ? html`disabled since ${time(client.disabledAt)}` : 'enabled'],
      ])}
      <h3>Scopes</h3>
      <p class="badges">${client.scopes.map((scope) => html`${badge(scope)} `)}</p>
      ${
        operator.scopes.has(clientDisable.scope) &&
        disclosure(
          isDisabled ? 'Enable this client' : 'Disable this client',
          html`<p class="note">
              ${
                isDisabled
                  ? 'It may get new tokens.'
                  : 'Within two seconds no service takes its tokens, and it gets no new ones.'
              }
            </p>
            ${reasonedForm({
              id: 'client',
              action: partyPath(client.clientId),
              hidden: { act: isDisabled ? 'enable-client' : 'disable-client' },
              submit: isDisabled ? 'Enable' : 'Disable',
              isSevere: !isDisabled,
            })}`,
        )
      }`,
  });
}
