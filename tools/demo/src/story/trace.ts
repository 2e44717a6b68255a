import { setTimeout as delay } from 'node:timers/promises';
import { trace } from '@opentelemetry/api';
import { operations, coreServices } from '@tallystick/contracts';
import { fetchTrace, formatTraceTree, type StackFile, type Trace } from '@tallystick/stack';
import { flushTelemetry } from '@tallystick/telemetry';
import type { World } from '../world.ts';
import { WAIT_S } from './payments.ts';

const SPANS_WITHIN_MS = 20_000;
const QUIET_AFTER_MS = 2_000;

/** Addresses at which traces are read and viewed; `null` if there are none. */
export interface TraceLinks {
  otlp: string;
  jaeger: string | null;
  pages: string | null;
  query: string | null;
}

/** Returns the links of a running system: its Jaeger, or its own store at the address of the collector. */
export function traceLinksOf({ traces: { otlp, jaeger } }: StackFile): TraceLinks {
  return { otlp, jaeger, pages: null, query: jaeger ?? otlp };
}

/**
 * Makes one payment in one trace: a fresh access token from auth, a payment by card, and every resulting message.
 * @returns the id of the trace
 */
export async function payTraced(world: World, endToEndId: string): Promise<string> {
  const { customer } = world;
  return trace.getTracer('@tallystick/demo').startActiveSpan('pay by card', async (span) => {
    try {
      customer.accessToken = (await world.access.renew()).accessToken;
      const { body } = await customer.call(operations.createPayment, {
        body: {
          source: { kind: 'card', cardId: world.cardId },
          payee: { kind: 'account', accountId: world.merchantAccountId },
          amountMinor: 700n,
          currency: 'EUR',
          capture: 'automatic',
          capturedBy: 'payee',
          endToEndId,
        },
        waitS: WAIT_S,
      });
      if (body.status !== 'captured') throw new Error(`the payment is ${body.status} ${body.code ?? ''}`);
      return span.spanContext().traceId;
    } finally {
      span.end();
      await flushTelemetry();
    }
  });
}

/** Waits until a trace has spans of all four services and has stopped growing. */
export async function wholeTrace(queryBase: string, traceId: string): Promise<Trace> {
  const deadline = performance.now() + SPANS_WITHIN_MS;
  let spans = -1;
  let since = performance.now();
  for (;;) {
    const found = (await fetchTrace(queryBase, traceId)) ?? { traceId, spans: [] };
    if (found.spans.length !== spans) {
      spans = found.spans.length;
      since = performance.now();
    }
    const names = servicesIn(found);
    const isWhole =
      coreServices.every((service) => names.has(service)) && performance.now() - since >= QUIET_AFTER_MS;
    if (isWhole || performance.now() > deadline) return found;
    await delay(200);
  }
}

/** Returns the services with a span in a trace. */
export function servicesIn({ spans }: Trace): Set<string> {
  return new Set(spans.map(({ service }) => service));
}

/** Returns spans whose parent is not in the trace; a complete tree has only its root. */
export function rootsOf({ spans }: Trace): Trace['spans'] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return spans.filter(({ parentSpanId }) => parentSpanId === null || !ids.has(parentSpanId));
}

export async function showTrace(world: World, traces: TraceLinks, colour: boolean): Promise<void> {
  const { narrator } = world;
  const traceId = await payTraced(world, 'ORDER-2003');
  if (traces.query === null) {
    narrator.tell(`spans go to ${traces.otlp}, which has no query interface; trace ${traceId}`);
    return;
  }
  const found = await wholeTrace(traces.query, traceId);
  narrator.check(
    'one trace contains all four services, from the HTTP request through Kafka and back',
    coreServices.every((service) => servicesIn(found).has(service)) && rootsOf(found).length === 1,
    `${found.spans.length} spans`,
  );
  for (const line of formatTraceTree(found, { colour }).trimEnd().split('\n')) narrator.tell(line);
  if (traces.pages !== null) narrator.tell(`In Jaeger: ${traces.pages}/trace/${traceId}`);
  else if (traces.jaeger !== null)
    narrator.tell(`From Jaeger: curl ${traces.query}/api/v3/traces/${traceId}`);
  else
    narrator.tell(
      `No Jaeger here, so the stack kept the spans itself (npx tallystick build-jaeger builds one): curl ${traces.query}/api/v3/traces/${traceId}`,
    );
}
