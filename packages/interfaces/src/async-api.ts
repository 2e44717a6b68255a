import {
  DECISIONS_AUDIENCE,
  isTopic,
  messages,
  OUTCOMES,
  OUTCOMES_PREFIX,
  services,
  topicLimits,
  topics,
  type MessageDefinition,
  type MessageVersion,
} from '@tallystick/contracts';
import { exampleOf } from './example.ts';
import { jsonSchemaOf, pascalCase, sharedSchemas, withReferences, type JsonSchema } from './json-schema.ts';
import { envelopeSchema } from './wire-schemas.ts';

const SCHEMAS = '#/components/schemas/';
const KAFKA_BINDING = '0.5.0';

/** The channel of the outcomes of third parties: one topic each. */
const OUTCOMES_ADDRESS = `${OUTCOMES_PREFIX}{producerId}`;

/** Derives the AsyncAPI 3.1.0 document of all messages on Kafka. */
export function asyncApi(): JsonSchema {
  const all = Object.values(messages).filter(({ topic }) => topic !== DECISIONS_AUDIENCE);
  const byChannel = Map.groupBy(all, channelOf);
  return {
    asyncapi: '3.1.0',
    info: {
      title: 'Tallystick messages',
      version: all
        .flatMap(({ versions }) => Object.values(versions).map(({ since }) => since))
        .reduce((newest, since) => (since > newest ? since : newest), ''),
      description:
        'Generated from the contracts. Each record is a signed envelope: a compact JWS whose claim `data` is the payload below. The claims `type` and `version` name the schema.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/jose',
    servers: {
      kafka: {
        host: 'kafka.tallystick.example.com:9094',
        protocol: 'kafka-secure',
        description: 'TLS with SCRAM-SHA-512; each third party has its own user',
      },
    },
    channels: Object.fromEntries(
      [...byChannel].map(([channel, those]) => [channel, channelObject(channel, those)]),
    ),
    operations: Object.fromEntries(all.flatMap(operationsOf)),
    components: {
      messages: Object.fromEntries(
        all.flatMap((message) =>
          Object.entries(message.versions).map(([version, one]) => [
            messageName(message, Number(version)),
            messageObject(message, Number(version), one),
          ]),
        ),
      ),
      schemas: { ...sharedSchemas(), Envelope: withReferences(envelopeSchema(), SCHEMAS) },
    },
  };
}

function channelOf({ topic }: MessageDefinition): string {
  return topic === OUTCOMES ? 'outcomes' : topic.replaceAll('.', '_');
}

function messageName({ type, version: newest }: MessageDefinition, version: number): string {
  return pascalCase(type) + (version === newest ? '' : `V${version}`);
}

function channelObject(channel: string, those: readonly MessageDefinition[]): JsonSchema {
  const { topic } = those[0]!;
  const names = those.flatMap((message) =>
    Object.keys(message.versions).map((version) => messageName(message, Number(version))),
  );
  return {
    address: topic === OUTCOMES ? OUTCOMES_ADDRESS : topic,
    ...(topic === OUTCOMES
      ? { parameters: { producerId: { description: 'The third party whose orders are answered' } } }
      : {}),
    description: isTopic(topic) ? topics[topic].summary : 'The answers to the orders of a third party',
    messages: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
    bindings: {
      kafka: {
        bindingVersion: KAFKA_BINDING,
        ...(isTopic(topic)
          ? {
              partitions: topics[topic].partitions,
              topicConfiguration: {
                'cleanup.policy': [topics[topic].cleanup === 'compacted' ? 'compact' : 'delete'],
                'max.message.bytes': topicLimits.recordBytesMax,
              },
            }
          : {}),
      },
    },
    'x-owner': isTopic(topic) ? topics[topic].owner : 'payment, card',
    'x-channel': channel,
  };
}

/** The operations of one message, from the view of the services: those that send it and those that receive it. */
function operationsOf(message: MessageDefinition): [string, JsonSchema][] {
  const { type, from, to, summary } = message;
  const channel = channelOf(message);
  const refs = Object.keys(message.versions).map((version) => ({
    $ref: `#/channels/${channel}/messages/${messageName(message, Number(version))}`,
  }));
  const common = { channel: { $ref: `#/channels/${channel}` }, summary, messages: refs };
  const ours = (services as readonly string[]).filter((service) =>
    (from as readonly string[]).includes(service),
  );
  const readers = (services as readonly string[]).filter((service) =>
    (to as readonly string[]).includes(service),
  );
  const sends: [string, JsonSchema][] = ours.map((service) => [
    `${service}.sends.${type}`,
    { ...common, action: 'send', tags: [{ name: service }] },
  ]);
  const receives: [string, JsonSchema][] = readers.map((service) => [
    `${service}.receives.${type}`,
    { ...common, action: 'receive', tags: [{ name: service }] },
  ]);
  return [...sends, ...receives];
}

function messageObject(message: MessageDefinition, version: number, one: MessageVersion): JsonSchema {
  const { type, kind, summary, key, lifetimeS, outcomes, classification, objective, from, to } = message;
  const payload = jsonSchemaOf(one.data);
  const { deprecated } = one;
  return {
    name: type,
    title: `${type}, version ${version}`,
    summary,
    contentType:
      classification === 'confidential' ? 'application/jose; a JWE of the envelope' : 'application/jose',
    payload: withReferences(
      { ...payload, ...(deprecated === undefined ? {} : { deprecated: true }) },
      SCHEMAS,
    ),
    examples: (one.examples ?? [exampleOf(payload)]).map((example, at) => ({
      name: `example${at + 1}`,
      payload: example,
    })),
    bindings: {
      kafka: {
        bindingVersion: KAFKA_BINDING,
        key: { type: 'string', description: `The payload’s \`${key}\`; also the claim \`sub\`` },
      },
    },
    'x-kind': kind,
    'x-version': version,
    'x-since': one.since,
    'x-classification': classification,
    ...(objective === undefined ? {} : { 'x-objective': objective }),
    'x-from': [...from],
    'x-to': [...to],
    ...(kind === 'command' ? { 'x-lifetime-s': lifetimeS, 'x-outcomes': [...outcomes] } : {}),
    ...(deprecated === undefined
      ? {}
      : { 'x-deprecated': { since: deprecated.since, sunset: deprecated.sunset, use: deprecated.use } }),
  };
}
