import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { context, trace } from '@opentelemetry/api';
import { messages } from '@tallystick/contracts';
import { flushTelemetry, startTelemetry, stopTelemetry } from '@tallystick/telemetry';
import * as z from 'zod';

import { inAnswerTo, type Messaging } from '../src/index.ts';
import { eventually } from './eventually.ts';
import { fromEnvironment } from '@tallystick/postgres/testing';
import { authorizedOf, commandTopic, startWorld, type World } from './world.ts';

/** The response of Jaeger's query API, as far as these tests read it. */
const answer = z.object({
  data: z.array(
    z.object({
      spans: z.array(
        z.object({
          spanID: z.string(),
          operationName: z.string(),
          references: z.array(z.object({ refType: z.string(), spanID: z.string() })).default([]),
          tags: z.array(z.object({ key: z.string(), value: z.unknown() })),
        }),
      ),
    }),
  ),
});
type Span = z.output<typeof answer>['data'][number]['spans'][number];

let world: World;
let messaging: Messaging;
beforeAll(async () => {
  startTelemetry({
    serviceName: 'messaging-test',
    otlpEndpoint: fromEnvironment('TEST_TRACES_OTLP'),
    tracesPerSecond: 1_000,
  });
  world = await startWorld();
  messaging = await world.connect();
  await messaging.consume({
    [commandTopic]: {
      types: new Set([messages.paymentCreate.type]),
      handle: async ({ firstSeen }, _tx, send) => {
        for (const message of await firstSeen) {
          send(messages.paymentAuthorized, authorizedOf(message.opened.claims.sub), inAnswerTo(message));
        }
      },
    },
  });
});
afterAll(async () => {
  await messaging.stop();
  await world.stop();
  await stopTelemetry();
});

async function spansOf(traceId: string): Promise<Span[]> {
  await flushTelemetry();
  const response = await fetch(`${fromEnvironment('TEST_TRACES_QUERY')}/api/traces/${traceId}`);
  if (!response.ok) return [];
  return answer.parse(await response.json()).data.flatMap(({ spans }) => spans);
}

/** Publishes an order within a separate span. @returns the ids of that span and of its trace */
async function orderInSpan(): Promise<{ traceId: string; spanId: string }> {
  const span = trace.getTracer('test').startSpan('order');
  await world.publisher.publish([await world.order({ context: trace.setSpan(context.active(), span) })]);
  span.end();
  return span.spanContext();
}

const parentOf = ({ references }: Span): string | undefined =>
  references.find(({ refType }) => refType === 'CHILD_OF')?.spanID;

describe('a trace', () => {
  test('leads from the producer through the consumer to its answer', async () => {
    const { traceId, spanId } = await orderInSpan();
    const spans = await eventually(async () => {
      const found = await spansOf(traceId);
      return found.some(({ operationName }) => operationName.startsWith('send ')) && found;
    });
    const consumed = spans.find(
      ({ operationName }) => operationName === `process ${messages.paymentCreate.type}`,
    );
    const answered = spans.find(({ operationName }) => operationName === 'send payment.events.v1');
    expect(parentOf(consumed!)).toBe(spanId);
    expect(parentOf(answered!)).toBe(consumed?.spanID);
    const tags = new Map(consumed?.tags.map(({ key, value }) => [key, value]));
    expect(tags.get('messaging.system')).toBe('kafka');
    expect(tags.get('tallystick.issuer')).toBe('acme');
    expect(tags.get('messaging.destination.name')).toBe(world.topicPrefix + commandTopic);
  });

  test('contains no payload', async () => {
    const { traceId } = await orderInSpan();
    const spans = await eventually(async () => {
      const found = await spansOf(traceId);
      return found.length >= 3 && found;
    });
    expect(JSON.stringify(spans)).not.toMatch(/INVOICE-1|acc_/);
  });
});
