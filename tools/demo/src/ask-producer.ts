import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { sourceFlags, type StackFile } from '@tallystick/stack';
import * as z from 'zod';

const PROGRAM = fileURLToPath(new URL('./third-party.ts', import.meta.url));
const TIMEOUT_MS = 40_000;

const answer = z.object({
  sent: z.object({ key: z.string(), jti: z.string(), txn: z.string(), value: z.string() }),
  event: z.object({
    type: z.string(),
    iss: z.string(),
    txn: z.string(),
    data: z.record(z.string(), z.unknown()),
  }),
});
export type ProducerAnswer = z.output<typeof answer>;

/**
 * Runs the third party as a separate process, which gets only the file of its own key.
 * @param orders one line of JSON each
 * @returns its output for each order
 */
export async function askProducer(
  stack: StackFile,
  id: string,
  orders: readonly { type: string; version?: number; data: object }[],
): Promise<ProducerAnswer[]> {
  const producer = stack.producers.find((one) => one.id === id);
  if (producer === undefined) throw new Error(`the stack has no producer ${id}`);
  const child = spawn(process.execPath, [...sourceFlags, PROGRAM], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      KAFKA_BROKERS: stack.kafka.brokers.join(','),
      // Brokers without users have no certificate either.
      KAFKA_CA_FILE: producer.kafkaUser && stack.authority,
      KAFKA_USERNAME: producer.kafkaUser?.username,
      KAFKA_PASSWORD_FILE: producer.kafkaUser?.passwordFile,
      TOPIC_PREFIX: stack.kafka.topicPrefix ?? '',
      PRODUCER_ID: id,
      PRIVATE_JWK_FILE: producer.privateJwk,
      TRUST_ANCHORS_FILE: stack.trustAnchors,
      OTEL_EXPORTER_OTLP_ENDPOINT: stack.traces.otlp,
    },
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
  let out = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  child.stdin.end(orders.map((order) => `${JSON.stringify(order)}\n`).join(''));
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  clearTimeout(timer);
  if (code !== 0)
    throw new Error(
      `the third party exited with ${String(code)}: ${errors.trim().split('\n').slice(-3).join(' ')}`,
    );
  return out
    .split('\n')
    .filter((line) => line.startsWith('{"sent"'))
    .map((line) => answer.parse(JSON.parse(line)));
}
