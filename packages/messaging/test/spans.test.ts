import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { context, trace } from '@opentelemetry/api';
import { messages } from '@tallystick/contracts';
import { flushTelemetry, startTelemetry, stopTelemetry } from '@tallystick/telemetry';
import * as z from 'zod';

import { inAnswerTo, type Messaging } from '../src/index.ts';
import { eventually } from './eventually.ts';
import { fromEnvironment } from '@tallystick/postgres/testing';
import { authorizedOf, commandTopic, startWorld, toAcme, type World } from './world.ts';

/** The response of Jaeger's query API v3, OTLP in JSON, as far as these tests read it. */
const answer = z.object({
  result: z.object({
    resourceSpans: z.array(
      z.object({
        scopeSpans: z.array(
          z.object({
            spans: z.array(
              z.object({
                spanId: z.string(),
                parentSpanId: z.string().default(''),
                name: z.string(),
                attributes: z
                  .array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) }))
                  .default([]),
              }),
            ),
          }),
        ),
      }),
    ),
  }),
});
type Span = z.output<typeof answer>['result']['resourceSpans'][number]['scopeSpans'][number]['spans'][number];

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
          send(messages.paymentAuthorized, authorizedOf(message.opened.claims.sub), {
            ...inAnswerTo(message),
            ...toAcme,
          });
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
  const response = await fetch(`${fromEnvironment('TEST_TRACES_QUERY')}/api/v3/traces/${traceId}`);
  if (!response.ok) return [];
  const { resourceSpans } = answer.parse(await response.json()).result;
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}

/** Publishes an order within a separate span. @returns the ids of that span and of its trace */
async function orderInSpan(): Promise<{ traceId: string; spanId: string }> {
  const span = trace.getTracer('test').startSpan('order');
  await world.publisher.publish([await world.order({ context: trace.setSpan(context.active(), span) })]);
  span.end();
  return span.spanContext();
}

describe('a trace', () => {
  test('leads from the producer through the consumer to its answer', async () => {
    const { traceId, spanId } = await orderInSpan();
    const spans = await eventually(async () => {
      const found = await spansOf(traceId);
      return found.some(({ name }) => name.startsWith('send ')) && found;
    });
    const consumed = spans.find(({ name }) => name === `process ${messages.paymentCreate.type}`);
    const answered = spans.find(({ name }) => name === `send ${messages.paymentAuthorized.topic}`);
    expect(consumed!.parentSpanId).toBe(spanId);
    expect(answered!.parentSpanId).toBe(consumed?.spanId);
    const attributes = new Map(consumed?.attributes.map(({ key, value }) => [key, value['stringValue']]));
    expect(attributes.get('messaging.system')).toBe('kafka');
    expect(attributes.get('tallystick.issuer')).toBe('acme');
    expect(attributes.get('messaging.destination.name')).toBe(world.topicPrefix + commandTopic);
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
