import { clientPermissions, operations, producerId, publicJwk, type Permission } from '@tallystick/contracts';
import { html, type Html } from '@tallystick/pages';
import type { ConsoleParts } from '../../../parts.ts';
import { carryOutAct, lastAct, reasonIn, reasonedForm } from '../../acts.ts';
import { insertAct } from '../../../store/acts.ts';
import type { Page, PageContent, PageRequest } from '../../page.ts';
import { card, grid } from '../../parts/card.ts';
import { area, checks, choice, field } from '../../parts/form.ts';
import { hint, problem } from '../../parts/notice.ts';
import { facts, id, time } from '../../parts/text.ts';
import { partyPath } from './paths.ts';

const PATH = '/parties/enrol';
const { producerEnrol, producerRegister } = operations;

/** Invites a third party to register a key, and certifies the key that it sends. A key is replaced in the same way. */
export function enrolPage(parts: ConsoleParts): Page {
  return {
    path: PATH,
    title: 'Enrol a third party',
    scope: 'producers:write',
    async show({ query }) {
      return formsOf(query.get('producer') ?? '', lastAct(query));
    },
    async act(request) {
      const named = request.form.get('producerId')?.trim() ?? '';
      if (!producerId.safeParse(named).success)
        return formsOf(
          named,
          problem('This is no id of a producer', '2 to 63 of a-z, 0-9 and -, starting with a letter.'),
          422,
        );
      return request.form.get('act') === 'register'
        ? register(parts, request, named)
        : enrol(parts, request, named);
    },
  };
}

/** Shows the code once: neither the address nor a stored answer has it. */
async function enrol(parts: ConsoleParts, request: PageRequest, named: string): Promise<PageContent> {
  const { operator, client, form } = request;
  const permissions = permissionsIn(form);
  const reason = reasonIn(form);
  if (reason === '' || permissions.length === 0)
    return formsOf(
      named,
      problem('Nothing was done', 'Choose at least one type of message, and give a reason.'),
      422,
    );
  const { body } = await client.call(producerEnrol, {
    params: { producerId: named },
    body: { permissions, batch: form.get('batch') === 'yes' },
  });
  await insertAct(
    parts.pool,
    {
      operatorId: operator.operatorId,
      operatorName: operator.name,
      operation: producerEnrol.id,
      object: named,
      reason,
      outcome: 'done',
      clientId: parts.config.CLIENT_ID,
    },
    parts.nowMs(),
  );
  return {
    title: 'Give this code to the third party',
    lead: html`It is for ${id(named, partyPath(named))}, works once, and is shown only now.`,
    main: card({
      title: 'Enrolment code',
      body: html`<p class="code"><code>${body.enrolmentCode}</code></p>
        ${facts([
          ['Ends (UTC)', time(body.expiresAt)],
          ['Next', 'The third party signs its application with the new key; certify the key then.'],
        ])}
        <p>
          <a class="button" href="${PATH}?producer=${encodeURIComponent(named)}#certify">Certify its key</a>
        </p>`,
    }),
  };
}

async function register(parts: ConsoleParts, request: PageRequest, named: string) {
  const { form } = request;
  const jwk = publicJwk.safeParse(parsed(form.get('publicJwk') ?? ''));
  if (!jwk.success)
    return formsOf(
      named,
      problem('This is no public JWK', 'It needs kty, crv, x, and y for P-256. A private member is refused.'),
      422,
    );
  const approval = form.get('approval')?.trim();
  return carryOutAct(parts, request, {
    operation: producerRegister,
    object: named,
    call: (client) =>
      client.call(producerRegister, {
        params: { producerId: named },
        body: {
          publicJwk: jwk.data,
          use: form.get('use') === 'enc' ? 'enc' : 'sig',
          permissions: permissionsIn(form),
          batch: form.get('batch') === 'yes',
          proof: (form.get('proof') ?? '').trim(),
          ...(approval === undefined || approval === '' ? {} : { approval }),
        },
      }),
    back: partyPath(named),
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reads the chosen message types, each as `topic type`; only those that third parties may send exist in the form. */
function permissionsIn(form: URLSearchParams): Permission[] {
  const chosen = new Set(form.getAll('type'));
  return clientPermissions()
    .map(({ topic, types }) => ({ topic, types: types.filter((type) => chosen.has(`${topic} ${type}`)) }))
    .filter(({ types }) => types.length > 0);
}

function formsOf(named: string, above?: Html, status = 200): PageContent {
  return {
    status,
    lead: 'A third party gets its own key in two steps. A further key of the same party also needs the approval of a key that it has, or another registrar in the second step.',
    main: html`${above}
    ${grid(
      html`${card({
        title: '1. Invite',
        note: 'Makes a code that works once, within 24 hours.',
        body: reasonedForm({
          id: 'enrol',
          action: PATH,
          hidden: { act: 'enrol' },
          fields: html`${producerField('enrol', named)} ${typeChecks('enrol')}`,
          submit: 'Make a code',
        }),
      })}
      ${card({
        title: '2. Certify the key',
        id: 'certify',
        note: 'With what the third party sent: its public key, and its application signed by it.',
        body: reasonedForm({
          id: 'register',
          action: PATH,
          hidden: { act: 'register' },
          fields: html`${producerField('register', named)}
          ${area({ name: 'publicJwk', label: 'Public key (JWK)', isRequired: true, lengthMax: 1_000 })}
          ${choice({ name: 'use', label: 'Use' }, [
            ['sig', 'signs messages'],
            ['enc', 'encrypts'],
          ])}
          ${typeChecks('register')}
          ${area({ name: 'proof', label: 'Application, signed by this key', isRequired: true, lengthMax: 4_096 })}
          ${area({
            name: 'approval',
            label: 'The same, signed by a present key',
            help: 'Only for a further key of the party',
            lengthMax: 4_096,
          })}`,
          submit: 'Certify',
        }),
      })}`,
    )}
    ${hint('The README of the auth service shows how a third party signs its application.')}`,
  };
}

function producerField(form: string, value: string): Html {
  return field({
    name: 'producerId',
    id: `${form}-producer`,
    label: 'Id of the producer',
    value,
    isRequired: true,
    lengthMax: 63,
    help: 'As in the claim iss of its messages',
  });
}

function typeChecks(form: string): Html {
  return checks(
    'What the key may sign',
    [
      ...clientPermissions().flatMap(({ topic, types }) =>
        types.map((type) => ({ name: 'type', value: `${topic} ${type}`, words: `${type} on ${topic}` })),
      ),
      { name: 'batch', value: 'yes', words: 'Many messages with one signature (batches)' },
    ],
    form,
  );
}
