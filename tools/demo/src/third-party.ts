/**
 * A complete third party, as an integrator would write it: a separate process, with its own key and the pinned root
 * key, and nothing else. It reads one order per line from standard input as JSON, `{ "type": "payment.create",
 * "version": 2, "data": {…} }`, publishes each, and prints the resulting event as one line of JSON. The version
 * defaults to the newest.
 */
import { createInterface } from 'node:readline';
import { messages, type MessageDefinition } from '@tallystick/contracts';
import { kafkaRequiredTogether, kafkaConnection, kafkaEnvironment } from '@tallystick/messaging';
import { paymentOutcomes, Producer } from '@tallystick/producer';
import { ConfigurationError, environmentSchema, fileHolding, readEnvironment } from '@tallystick/config';
import { loadPrivateJwk, loadTrustAnchors, parse, parseJson } from '@tallystick/security';
import { flushTelemetry, startTelemetry } from '@tallystick/telemetry';
import * as z from 'zod';

const OUTCOME_TIMEOUT_MS = 15_000;

const environment = environmentSchema(
  {
    ...kafkaEnvironment,
    TOPIC_PREFIX: z.string().default(''),
    PRODUCER_ID: z.string(),
    PRIVATE_JWK_FILE: fileHolding(loadPrivateJwk),
    TRUST_ANCHORS_FILE: fileHolding(loadTrustAnchors),
    OTEL_EXPORTER_OTLP_ENDPOINT: z.string().optional(),
  },
  kafkaRequiredTogether,
);

const byType = new Map<string, MessageDefinition>(
  [
    messages.paymentCreate,
    messages.paymentCapture,
    messages.paymentCancel,
    messages.paymentRefund,
    messages.cardTokenize,
  ].map((definition) => [definition.type, definition]),
);
const outcomes = [...paymentOutcomes, messages.cardTokenized, messages.cardTokenizeRejected];

const order = z.strictObject({
  type: z.enum([...byType.keys()] as [string, ...string[]]),
  version: z.int().optional(),
  data: z.unknown(),
});

try {
  await run();
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(error.exitCode);
}

async function run(): Promise<void> {
  const settings = await readEnvironment(environment, process.env);
  startTelemetry({ serviceName: settings.PRODUCER_ID, otlpEndpoint: settings.OTEL_EXPORTER_OTLP_ENDPOINT });
  const producer = await Producer.connect({
    kafka: kafkaConnection(settings),
    topicPrefix: settings.TOPIC_PREFIX,
    producerId: settings.PRODUCER_ID,
    privateJwk: settings.PRIVATE_JWK_FILE,
    trustAnchors: settings.TRUST_ANCHORS_FILE,
  });
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === '') continue;
    const { type, version, data } = parse(order, parseJson(line));
    const definition = byType.get(type)!;
    const at = version ?? definition.version;
    const schema = definition.versions[at]?.data;
    if (schema === undefined) throw new ConfigurationError(`${type} has no version ${at}`);
    const sent = await producer.publish(definition, parse(schema, data), { version: at });
    const event = await producer.outcome(sent.key, outcomes, OUTCOME_TIMEOUT_MS);
    const printed = {
      sent,
      event: {
        type: event.claims.type,
        iss: event.claims.iss,
        txn: event.claims.txn,
        // In the newest version, whichever one was read first.
        data: event.definition.data.encode(event.data),
      },
    };
    process.stdout.write(`${JSON.stringify(printed)}\n`);
  }
  await producer.close();
  await flushTelemetry();
  process.exit(0);
}
