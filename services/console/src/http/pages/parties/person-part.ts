import { operations, type Scope } from '@tallystick/contracts';
import { html, type Html } from '@tallystick/pages';
import { reasonedForm } from '../../acts.ts';
import type { PageRequest } from '../../page.ts';
import { card } from '../../parts/card.ts';
import { disclosure } from '../../parts/form.ts';
import { hint } from '../../parts/notice.ts';
import { partyPath } from './paths.ts';

/** Renders the acts on the access of a customer or an operator. */
export function personPart(personId: string, { operator }: PageRequest): Html {
  const isOperator = personId.startsWith('opr_');
  const disable: Scope = (isOperator ? operations.operatorDisable : operations.customerDisable).scope;
  const acts = [
    {
      act: 'disable-person',
      scope: disable,
      title: 'Disable',
      note: 'Within two seconds no service takes the tokens of this person, who cannot sign in.',
      isSevere: true,
    },
    {
      act: 'enable-person',
      scope: disable,
      title: 'Enable',
      note: 'This person may sign in again.',
      isSevere: false,
    },
    {
      act: 'end-sessions',
      scope: operations.sessionsEnd.scope,
      title: 'End all sessions',
      note: 'Every sign-in and every app that acts for this person ends. A new sign-in is possible.',
      isSevere: true,
    },
  ].filter(({ scope }) => operator.scopes.has(scope));
  return card({
    title: 'Access',
    body:
      acts.length === 0
        ? hint('The role support may disable people and end their sessions.')
        : acts.map(({ act, title, note, isSevere }) =>
            disclosure(
              title,
              html`<p class="note">${note}</p>
                ${reasonedForm({
                  id: act,
                  action: partyPath(personId),
                  hidden: { act },
                  submit: title,
                  isSevere,
                })}`,
            ),
          ),
  });
}
