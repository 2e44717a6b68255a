import { documentFragments, messages, type MessageDefinition } from '@tallystick/contracts';
import { exampleOf, jsonSchemaOf } from '@tallystick/interfaces';
import { html, type Html } from '@tallystick/pages';

/** Renders the messages that a service sends or handles, each at a fragment to which others link. */
export function messagesPart(service: string): Html {
  const own = Object.values<MessageDefinition>(messages)
    .filter(({ from, to }) => [...from, ...to].some((party) => party === service))
    .toSorted((one, other) => one.type.localeCompare(other.type));
  if (own.length === 0) return html``;
  return html`<section id="messages" aria-labelledby="messages-title">
    <h2 id="messages-title">Messages on Kafka</h2>
    ${own.map(messageArticle)}
  </section>`;
}

function messageArticle(one: MessageDefinition): Html {
  const schema = jsonSchemaOf(one.data);
  return html`<article id="${documentFragments.message(one.type)}">
    <h3>${one.type}</h3>
    <p>${one.summary}</p>
    <dl>
      <div>
        <dt>Kind</dt>
        <dd>${one.kind}${one.classification === 'confidential' && ', encrypted to its receiver'}</dd>
      </div>
      <div>
        <dt>Topic</dt>
        <dd><code>${one.topic}</code></dd>
      </div>
      <div>
        <dt>From</dt>
        <dd>${partiesText(one.from)}</dd>
      </div>
      <div>
        <dt>To</dt>
        <dd>${partiesText(one.to)}</dd>
      </div>
      <div>
        <dt>Record key</dt>
        <dd><code>${one.key}</code></dd>
      </div>
      <div>
        <dt>Versions</dt>
        <dd>${versionsText(one)}</dd>
      </div>
    </dl>
    ${jsonDetails('Payload', schema)} ${jsonDetails('Example', exampleIn(one) ?? exampleOf(schema, one.type))}
  </article>`;
}

function partiesText(parties: readonly string[]): string {
  return parties.map((party) => (party === 'client' ? 'third parties' : party)).join(', ') || 'nobody';
}

function versionsText({ versions }: MessageDefinition): string {
  return Object.entries(versions)
    .map(([version, { deprecated }]) =>
      deprecated === undefined ? version : `${version} (deprecated, refused from ${deprecated.sunset})`,
    )
    .toReversed()
    .join(', ');
}

function exampleIn({ version, versions }: MessageDefinition): unknown {
  return versions[version]?.examples?.[0];
}

function jsonDetails(title: string, value: unknown): Html {
  return html`<details>
    <summary>${title}</summary>
    <pre tabindex="0"><code>${JSON.stringify(value, undefined, 2)}</code></pre>
  </details>`;
}
