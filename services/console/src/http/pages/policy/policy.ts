import {
  authority,
  coreServices,
  isForOperators,
  messages,
  operations,
  ORDER_LIFETIME_S,
  personScopes,
  powerOf,
  powers,
  scopes,
  topicLimits,
  type OperationDefinition,
  type Power,
  type Role,
  type Scope,
} from '@tallystick/contracts';
import { html, type Html } from '@tallystick/pages';
import { defaultPolicy, TOKEN_LIFETIME_MAX_S } from '@tallystick/security';
import type { ConsoleParts } from '../../../parts.ts';
import type { Page } from '../../page.ts';
import { badge } from '../../parts/badge.ts';
import { card } from '../../parts/card.ts';
import { table } from '../../parts/table.ts';
import { facts, spanText } from '../../parts/text.ts';
import { settingsCards } from './settings.ts';

/** Shows who may do what, and the settings in force. */
export function policyPage(parts: ConsoleParts): Page {
  return {
    path: '/policy',
    title: 'Policy',
    scope: 'audit:read',
    nav: 7,
    async show(request) {
      return {
        lead: 'Who may do what, and the settings with which each service runs. The tables are those of this release’s contracts.',
        main: html`<nav class="jumps" aria-label="On this page">
            <a href="#roles">Roles</a><a href="#settings">Settings</a><a href="#limits">Limits</a
            ><a href="#scopes">Scopes</a><a href="#authority">Authority</a
            ><a href="#operations">Operations for operators</a>
          </nav>
          ${rolesCard()} ${await settingsCards(parts, request)} ${limitsCard()} ${scopesCard()}
          ${authorityCard()} ${operationsCard()}`,
      };
    },
  };
}

const meanings: Readonly<Record<Power, string>> = {
  treasury: 'Brings money in: a person proposes or approves, and another person does the other',
  registrar: 'Certifies and revokes the keys of third parties',
  reader: 'Sees the books, the clients and the audit',
  support: 'Ends access, freezes accounts, blocks cards, withdraws mandates',
};

function rolesCard(): Html {
  return card({
    id: 'roles',
    title: 'Roles of operators',
    note: 'A role decides the scopes of a person who signs in here.',
    body: table({
      caption: 'Roles of operators and the scopes that each gives a person',
      head: ['Role', 'What for', 'Scopes'],
      rows: powers.map((power) => [
        html`<strong>${power}</strong>`,
        meanings[power],
        html`<span class="badges">${personScopes([power]).map((scope) => badge(scope))}</span>`,
      ]),
    }),
  });
}

const roleWords: Readonly<Record<Role, string>> = {
  owner: 'owns the account or mandate, or gave the consent',
  cardholder: 'holds the card',
  payer: 'owns the account that pays',
  payee: 'owns the account that is paid',
  payee_agent: 'a producer with the payee’s mandate',
  initiator: 'ordered the payment',
  capturer: 'the payee or the initiator, as the order says',
  operator: 'an operator, by client or in person',
};

function authorityCard(): Html {
  const summaries = new Map<string, string>([
    ...Object.values<OperationDefinition>(operations).map(({ id, summary }) => [id, summary] as const),
    ...Object.values(messages).map(({ type, summary }) => [type, summary] as const),
  ]);
  return card({
    id: 'authority',
    title: 'Authority over existing objects',
    note: 'A party without such a role gets the same answer as for an object that does not exist.',
    body: table({
      caption: 'Roles that may do an operation or command to an existing object',
      head: ['Operation or command', 'What it does', 'Who may'],
      rows: Object.entries<readonly Role[]>(authority).map(([name, roles]) => [
        html`<code>${name}</code>`,
        summaries.get(name) ?? '',
        html`<span class="badges"
          >${roles.map((role) => html`<span class="badge" title="${roleWords[role]}">${role}</span>`)}</span
        >`,
      ]),
    }),
  });
}

function limitsCard(): Html {
  return card({
    id: 'limits',
    title: 'Limits',
    note: 'Limits of a party stand in its mandates and cards; these hold for everybody.',
    body: facts([
      ['Size of a record', `${topicLimits.recordBytesMax.toLocaleString('en')} bytes`],
      ['A quarantine keeps records for', spanText(topicLimits.quarantineRetentionMs)],
      ['An order over Kafka is valid for at most', spanText(ORDER_LIFETIME_S * 1_000)],
      ['An access token is valid for at most', spanText(TOKEN_LIFETIME_MAX_S * 1_000)],
      ['A message’s clock may be wrong by', spanText(defaultPolicy.clockSkewS * 1_000)],
    ]),
  });
}

function scopesCard(): Html {
  return card({
    id: 'scopes',
    title: 'Scopes of access tokens',
    body: table({
      caption: 'Scopes, who may get each, and the role that gives it to an operator',
      head: ['Scope', 'What it allows', 'For', 'Role', 'Money'],
      rows: (Object.keys(scopes) as Scope[]).map((scope) => [
        html`<code>${scope}</code>`,
        scopes[scope].words,
        scopes[scope].grantees.join(', '),
        powerOf(scope) ?? '–',
        scopes[scope].movesMoney ? badge('moves money', 'warn') : '–',
      ]),
    }),
  });
}

function operationsCard(): Html {
  const forOperators = Object.values<OperationDefinition>(operations).filter(isForOperators);
  return card({
    id: 'operations',
    title: 'Operations for operators alone',
    note: 'Each call is audited, also one that is refused.',
    body: table({
      caption: 'Operations that only operators may call',
      head: ['Operation', 'Service', 'What it does', 'Scope', 'Proof'],
      rows: forOperators
        .filter(({ service }) => [...coreServices, 'console'].includes(service))
        .map(({ id, service, summary, scope, proof }) => [
          html`<code>${id}</code>`,
          service,
          summary,
          html`<code>${scope}</code>`,
          proof === 'dpop' ? 'covers the body' : 'of the key',
        ]),
    }),
  });
}
