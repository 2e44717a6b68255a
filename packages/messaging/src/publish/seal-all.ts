import { SpanKind, trace, type Context, type Span } from '@opentelemetry/api';
import { isRetired, newJti, OUTCOMES, outcomesOf, type MessageDefinition } from '@tallystick/contracts';
import {
  seal,
  sealBatch,
  type Keyring,
  type SealedEnvelope,
  type SigningKey,
  type Unsealed,
} from '@tallystick/security';
import { recordOf, type OutgoingRecord } from './record.ts';
import { isUnsampled } from '../consume/spans.ts';

const tracer = trace.getTracer('@tallystick/messaging');

/** The sender of sealed messages. */
export interface Sealer {
  /** This service's id, as its certificate's `sub`. */
  issuer: string;
  /** The current signing key. */
  signingKey: () => SigningKey;
  keyring: Keyring;
  topicPrefix: string;
  nowMs: () => number;
}

/** A message that a transaction sends. */
export interface WantedMessage {
  definition: MessageDefinition;
  data: unknown;
  options: {
    txn?: string | undefined;
    cause?: string | undefined;
    lifetimeS?: number | undefined;
    recipients?: readonly string[] | undefined;
    traceContext: Context;
  };
}

/** A message in one version, for one topic. */
type WrittenMessage = WantedMessage & { topic: string; options: { jti?: string; version?: number } };

/** A record to publish, with its span if it has one. */
export interface Sending {
  record: OutgoingRecord;
  span: Span | undefined;
}

/**
 * Seals the messages of a transaction. Messages between services share one signature if the certificate of the key
 * permits it; a message to clients is a plain JWS, which any JOSE library verifies.
 */
export async function sealAll(wanted: readonly WantedMessage[], sealer: Sealer): Promise<Sending[]> {
  if (wanted.length === 0) return [];
  const { issuer, keyring, topicPrefix, nowMs } = sealer;
  const signingKey = sealer.signingKey();
  const sender = { issuer, signingKey, nowMs: nowMs() };
  const written = wanted.flatMap((message) =>
    topicsOf(message).flatMap((topic) => versionsOf(message, topic, sender.nowMs)),
  );
  if (written.length === 0) return [];
  const unsealed = written.map(({ definition, data, topic, options }): Unsealed => {
    const { traceContext: _traceContext, recipients: _recipients, ...rest } = options;
    const [owner = ''] = definition.topic.split('.');
    const encryptTo =
      definition.classification === 'confidential' ? keyring.encryptionKeyOf(owner) : undefined;
    return { definition, data, options: { ...rest, topic: topicPrefix + topic, encryptTo } };
  });
  const mayBatch = keyring.find(signingKey.kid)?.certificate.batch === true;
  const isPlain = ({ definition }: Unsealed): boolean => !mayBatch || definition.to.includes('client');
  const batched = unsealed.filter((one) => !isPlain(one));
  const [plain, inBatch] = await Promise.all([
    Promise.all(
      unsealed
        .filter(isPlain)
        .map(({ definition, data, options }) => seal(definition, data, { ...sender, ...options })),
    ),
    batched.length === 0 ? [] : sealBatch(batched, sender),
  ]);
  return written.map((message, at) =>
    sendingOf(message, isPlain(unsealed[at]!) ? plain.shift()! : inBatch.shift()!),
  );
}

/** The topics of a message: an outcome goes to that of each third party whom it concerns. */
function topicsOf({ definition, options: { recipients } }: WantedMessage): string[] {
  if (definition.topic !== OUTCOMES) return [definition.topic];
  if (recipients === undefined) throw new Error(`${definition.type} needs its recipients`);
  return [...new Set(recipients)].map(outcomesOf);
}

/**
 * An event is written in each version that still has readers, all under one `jti`: a reader handles the first it gets.
 */
function versionsOf(message: WantedMessage, topic: string, nowMs: number): WrittenMessage[] {
  const { definition, options } = message;
  if (definition.kind === 'command' || definition.version === 1) return [{ ...message, topic }];
  const jti = newJti();
  return Object.entries(definition.versions)
    .filter(([, version]) => !isRetired(version, nowMs))
    .map(([version]) => ({ ...message, topic, options: { ...options, jti, version: Number(version) } }));
}

function sendingOf(
  { definition, options: { traceContext } }: WantedMessage,
  envelope: SealedEnvelope,
): Sending {
  if (isUnsampled(traceContext)) return { record: recordOf(envelope, traceContext), span: undefined };
  const span = tracer.startSpan(
    `send ${definition.topic}`,
    {
      kind: SpanKind.PRODUCER,
      attributes: {
        'messaging.system': 'kafka',
        'messaging.operation.type': 'send',
        'messaging.destination.name': envelope.claims.aud,
        'messaging.message.id': envelope.claims.jti,
        'messaging.kafka.message.key': envelope.key,
        'tallystick.type': definition.type,
      },
    },
    traceContext,
  );
  return { record: recordOf(envelope, trace.setSpan(traceContext, span)), span };
}
