import {
  messages,
  operations,
  OUTCOMES,
  services,
  topics,
  type MessageDefinition,
  type OperationDefinition,
  type TopicDefinition,
} from '@tallystick/contracts';
import type { Page } from '../pages/page.ts';
import { escaped, paragraphs, table } from './mdx.ts';
import { messageSlug, topicName } from './message-page.ts';
import { operationSlug } from './operation-page.ts';

/** Writes the list of all operations, by service. */
export function operationsPage(): Page {
  const all = Object.values<OperationDefinition>(operations);
  return {
    slug: 'operations',
    title: 'Operations',
    label: 'All operations',
    description: 'Every operation of the HTTP interface, by service',
    format: 'mdx',
    body: paragraphs(
      'Every operation in its newest version. Each page has the fields, the errors, and an example in curl, TypeScript and Python. The same as data: [OpenAPI](/interfaces/openapi.json).',
      ...services.flatMap((service) => [
        `## ${service}`,
        table(
          ['operation', 'does'],
          all
            .filter((one) => one.service === service)
            .map((one) => [
              `[\`${one.id}\`](/${operationSlug(one)}/)`,
              `${escaped(one.summary)}: \`${one.method} ${one.path}\``,
            ]),
        ),
      ]),
    ),
  };
}

/** Writes the list of all messages and topics. */
export function messagesPage(): Page {
  const all = Object.values<MessageDefinition>(messages);
  const named = Object.entries<TopicDefinition>(topics);
  return {
    slug: 'messages',
    title: 'Messages and topics',
    label: 'All messages',
    description: 'Every message on Kafka, by topic',
    format: 'mdx',
    body: paragraphs(
      'Every message in its newest version. Third parties send the commands that come from third parties, and read their own topic of outcomes; the rest is between the services. The same as data: [AsyncAPI](/interfaces/asyncapi.json).',
      ...[...new Set([OUTCOMES, ...all.map(({ topic }) => topic)])].flatMap((topic) => [
        `## ${escaped(topicName(topic))}`,
        table(
          ['message', 'kind', 'from', 'says'],
          all
            .filter((one) => one.topic === topic)
            .map((one) => [
              `[\`${one.type}\`](/${messageSlug(one)}/)`,
              one.kind,
              one.from.join(', ').replace('client', 'third parties'),
              escaped(one.summary),
            ]),
        ),
      ]),
      '## Topics',
      table(
        ['topic', 'owner', 'partitions', 'kept', 'holds'],
        named.map(([name, { owner, partitions, cleanup, summary }]) => [
          `\`${name}\``,
          owner,
          String(partitions),
          cleanup === 'compacted' ? 'the latest record of each key, for ever' : 'for the retention time',
          escaped(summary),
        ]),
      ),
      'Records that fail a check go to the topic with `.quarantine` at its end.',
    ),
  };
}
