import {
  isTopic,
  OUTCOMES,
  topics,
  type MessageDefinition,
  type MessageVersion,
} from '@tallystick/contracts';
import { exampleOf, jsonSchemaOf } from '@tallystick/interfaces';
import type { Page } from '../pages/page.ts';
import { fieldTable } from './fields.ts';
import { escaped, fenced, languageTabs, paragraphs, table, TABS_IMPORT } from './mdx.ts';
import { messageExamples } from './message-examples.ts';

/** Returns the address of the page of a message. */
export function messageSlug({ type, topic }: Pick<MessageDefinition, 'type' | 'topic'>): string {
  return `messages/${topic.replaceAll('.', '-')}/${type.replaceAll('.', '-').replaceAll('_', '-')}`;
}

/** Returns the name of the topic of a message for readers: each third party has its own topic of outcomes. */
export function topicName(topic: string): string {
  return topic === OUTCOMES ? `${OUTCOMES}.<producer id>` : topic;
}

/** Writes the page of a message. @param name its name in code */
export async function messagePage(
  name: string,
  message: MessageDefinition,
  all: readonly MessageDefinition[],
): Promise<Page> {
  const { type, summary, version, versions } = message;
  const newest = versions[version]!;
  const examples = await messageExamples(name, message, payloadExample(newest));
  return {
    slug: messageSlug(message),
    title: type,
    description: `${message.kind} on ${topicName(message.topic)}: ${summary}`,
    format: 'mdx',
    body: paragraphs(
      examples === undefined ? undefined : TABS_IMPORT,
      `${escaped(summary)}.`,
      factTable(message, all),
      '## Payload',
      'The claim `data` of its [envelope](/envelope/).',
      fieldTable(jsonSchemaOf(newest.data)),
      fenced('json', JSON.stringify(payloadExample(newest), null, 2)),
      examples === undefined ? undefined : `## ${message.kind === 'command' ? 'Send it' : 'Read it'}`,
      examples === undefined
        ? undefined
        : languageTabs([
            { label: 'TypeScript', block: fenced('ts', examples.typescript) },
            { label: 'Python', block: fenced('python', examples.python) },
          ]),
      earlierVersions(message),
    ),
  };
}

/** Returns an example of the payload of a version, in its wire form. */
export function payloadExample({ data, examples }: MessageVersion): unknown {
  return examples?.[0] ?? exampleOf(jsonSchemaOf(data));
}

function factTable(message: MessageDefinition, all: readonly MessageDefinition[]): string {
  const { kind, topic, from, to, key, lifetimeS, outcomes, classification, version, versions } = message;
  const answers = outcomes.map((type) => {
    const answer = all.find((one) => one.type === type);
    return answer === undefined ? `\`${type}\`` : `[\`${type}\`](/${messageSlug(answer)}/)`;
  });
  return table(
    ['property', 'value'],
    [
      ['kind', kind],
      [
        'topic',
        isTopic(topic) ? `\`${topic}\`: ${escaped(topics[topic].summary)}` : `\`${topicName(topic)}\``,
      ],
      ['version', `${version}, since ${versions[version]!.since}`],
      ['from', parties(from)],
      ['to', to.length === 0 ? 'nobody yet' : parties(to)],
      ['record key', `\`${key}\`, also the claim \`sub\``],
      ...(kind === 'command' ? [['lifetime', `${lifetimeS} seconds unless its sender sets another`]] : []),
      ...(answers.length === 0 ? [] : [['answered by', answers.join(', ')]]),
      ...(classification === 'confidential'
        ? [['encryption', 'a JWE around the envelope, for the service that owns the topic']]
        : []),
    ],
  );
}

function parties(names: readonly string[]): string {
  return names.map((name) => (name === 'client' ? 'third parties' : `\`${name}\``)).join(', ');
}

function earlierVersions(message: MessageDefinition): string {
  return Object.entries(message.versions)
    .filter(([number]) => Number(number) !== message.version)
    .toReversed()
    .map(([number, version]) => {
      const { deprecated } = version;
      return paragraphs(
        `## Version ${number}`,
        deprecated === undefined
          ? undefined
          : `Deprecated since ${deprecated.since}, refused from ${deprecated.sunset} with \`interface.retired\`. Use version ${deprecated.use}.`,
        fieldTable(jsonSchemaOf(version.data)),
        fenced('json', JSON.stringify(payloadExample(version), null, 2)),
      );
    })
    .join('\n\n');
}
