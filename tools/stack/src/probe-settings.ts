import { SettingError } from './errors.ts';
import type { StackFile } from './stack-file.ts';
import { PROBE } from './system/clients.ts';

/**
 * Returns the environment of a probe of a running stack, with the client and the producer of the probe.
 * @throws SettingError if the stack has no client for the probe
 */
export function probeSettingsOf(stack: StackFile): Record<string, string | undefined> {
  const client = stack.clients.find(({ client_id: id }) => id === PROBE);
  if (client?.privateJwk === undefined)
    throw new SettingError(`--stack: the stack has no client ${PROBE}; start it again with this release`);
  const producer = stack.producers.find(({ id }) => id === PROBE);
  return {
    ISSUER: stack.services['auth'],
    ACCOUNT_PUBLIC_URL: stack.services['account'],
    PAYMENT_PUBLIC_URL: stack.services['payment'],
    PROBE_CLIENT_ID: PROBE,
    PROBE_CLIENT_KEY_FILE: client.privateJwk,
    OTEL_EXPORTER_OTLP_ENDPOINT: stack.traces.otlp,
    ...(producer === undefined
      ? {}
      : {
          PROBE_PRODUCER_ID: PROBE,
          PROBE_PRODUCER_KEY_FILE: producer.privateJwk,
          TRUST_ANCHORS_FILE: stack.trustAnchors,
          TOPIC_PREFIX: stack.kafka.topicPrefix,
          KAFKA_BROKERS: stack.kafka.brokers.join(','),
          // Brokers without users have no certificate either.
          KAFKA_CA_FILE: producer.kafkaUser && stack.authority,
          KAFKA_USERNAME: producer.kafkaUser?.username,
          KAFKA_PASSWORD_FILE: producer.kafkaUser?.passwordFile,
        }),
  };
}
