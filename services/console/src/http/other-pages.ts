import { NoAnswerError, ProblemError, UnreadableAnswerError } from '@tallystick/client';
import { powerOf, scopes, type Scope } from '@tallystick/contracts';
import { isKafkaFault } from '@tallystick/messaging';
import { html, type Html } from '@tallystick/pages';
import { isTransient } from '@tallystick/postgres';
import type { Page, PageContent } from './page.ts';
import { emptyState, problem } from './parts/notice.ts';
import { facts } from './parts/text.ts';

type Titled = PageContent & { title: string };

/** The page of an operator who lacks the scope of a page: it names the role that gives it. */
export function roleNeededPage(scope: Scope): Titled {
  return {
    title: 'This page needs another role',
    status: 403,
    main: html`<section class="card">
      <p>
        Ask for the role <strong>${powerOf(scope)}</strong>: it gives the scope
        <code>${scope}</code> (${scopes[scope].words}). A new role counts at the next sign-in.
      </p>
    </section>`,
  };
}

/**
 * The page for an address or an id that the console does not know: it says where else to look.
 * @param wanted what was searched for
 */
export function notFoundPage(pages: readonly Page[], wanted?: string): Titled {
  const searched = wanted !== undefined && wanted !== '';
  return {
    title: searched ? 'Nothing has this id' : 'There is no such page',
    status: 404,
    main: html`<section class="card">
      ${searched && facts([['Searched for', html`<code class="id">${wanted}</code>`]])}
      ${emptyState(
        'Where else to look',
        'An id begins with its kind: acc_ an account, pay_ a payment, hld_ a hold, trf_ a transfer, mdt_ a mandate, crd_ a card, usr_ a customer. A trace has 32 hexadecimal digits.',
      )}
      <ul class="links">
        ${pages
          .filter(({ nav }) => nav !== undefined)
          .map(({ path, title }) => html`<li><a href="${path}">${title}</a></li>`)}
      </ul>
    </section>`,
  };
}

/** The page for an id that cannot be one of its kind. */
export function notFoundOf(kind: string, wanted: string): Titled {
  return {
    title: `No ${kind} has this id`,
    status: 404,
    main: html`<section class="card">
      ${facts([['Looked for', html`<code class="id">${wanted}</code>`]])}
      ${emptyState('Where else to look', 'Search for any other id at the top, or choose a page of the navigation.')}
    </section>`,
  };
}

/** The page of a part of the system that is away, or of a service's refusal; `undefined` for any other error. */
export function partAwayPage(error: unknown): Titled | undefined {
  const words = faultWords(error);
  if (words === undefined) return undefined;
  return {
    title: words.title,
    status: words.status,
    main: html`<section class="card">
      ${problem(words.title, words.text)}
      <p><a class="button" href="">Load this page again</a></p>
    </section>`,
  };
}

/**
 * Words for a fault of a service, Kafka or Postgres, for the part of a page that needs it; `undefined` for any other
 * error.
 */
export function faultWords(error: unknown): { title: string; text: string; status: number } | undefined {
  if (error instanceof NoAnswerError) {
    const service = error.operationId.split('.')[0]!;
    return {
      title: `The service ${service} does not answer`,
      text: 'The console asked it and got no answer. What other services know is still shown on their pages.',
      status: 503,
    };
  }
  if (isKafkaFault(error))
    return {
      title: 'Kafka does not answer',
      text: 'The console reads this from the topics. What it indexed before, and what the services know, is still shown.',
      status: 503,
    };
  if (isTransient(error))
    return {
      title: 'Postgres does not answer the console',
      text: 'Payments, quarantine, sessions and the reasons of acts are in its database. The catalogue, live figures and what the services know are still shown; nobody can sign in until it answers.',
      status: 503,
    };
  if (error instanceof UnreadableAnswerError)
    return {
      title: 'A service answered in another form',
      text: `${error.message}. It may run another release than the console.`,
      status: 502,
    };
  if (error instanceof ProblemError)
    return {
      title: error.title,
      text: [error.detail, `Code: ${error.code}.`].filter(Boolean).join('. '),
      status: error.status,
    };
  return undefined;
}

/** Renders a part of a page, or why its service cannot show it: the other parts stay. */
export async function shownWithout(part: () => Promise<Html>): Promise<Html> {
  try {
    return await part();
  } catch (error) {
    const words = faultWords(error);
    if (words === undefined) throw error;
    return problem(words.title, words.text);
  }
}
