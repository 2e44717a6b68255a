import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { z } from 'zod';

import { messageOf } from '../errors.ts';
import { jaegerFromSpans } from './jaeger-json.ts';
import { spansFromOtlp } from './otlp-json.ts';
import type { Span } from './span.ts';
import { SpanRing } from './span-ring.ts';

const unzip = promisify(gunzip);
const BODY_LIMIT_BYTES = 32 * 2 ** 20;
const SPANS_KEPT = 50_000;

/** A small store of traces, for a machine without Jaeger. */
export interface TraceSink {
  /** base of both its inputs (`POST /v1/traces`) and its outputs (`GET /api/traces/{id}`, like Jaeger) */
  url: string;
  /** the kept spans of a trace, from the latest 50,000 spans of all traces */
  spansOf(traceId: string): Span[];
}

/**
 * Starts the store on a free port of 127.0.0.1. It accepts OTLP over HTTP in JSON, gzipped or not.
 *
 * @param spansKept number of spans to keep before it drops the oldest
 */
export async function startTraceSink(spansKept = SPANS_KEPT): Promise<TraceSink & { stop(): Promise<void> }> {
  const ring = new SpanRing(spansKept);
  const server = createServer((request, response) => void answer(ring, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the trace sink has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    spansOf: (traceId) => ring.spansOf(traceId),
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function answer(ring: SpanRing, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    send(response, 200, await route(ring, request));
  } catch (error) {
    const status = error instanceof Refusal ? error.status : error instanceof z.ZodError ? 400 : 500;
    const msg = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    send(response, status, { data: null, errors: [{ code: status, msg }] });
  }
}

async function route(ring: SpanRing, request: IncomingMessage): Promise<unknown> {
  const { pathname } = new URL(request.url ?? '/', 'http://sink');
  if (request.method === 'POST' && pathname === '/v1/traces') {
    for (const span of spansFromOtlp(await jsonBody(request))) ring.add(span);
    return {};
  }
  const traceId = /^\/api\/traces\/([0-9a-f]{1,32})$/i.exec(pathname)?.[1]?.toLowerCase().padStart(32, '0');
  if (request.method === 'GET' && traceId !== undefined) {
    const spans = ring.spansOf(traceId);
    if (spans.length === 0) throw new Refusal(404, 'trace not found');
    return jaegerFromSpans(traceId, spans);
  }
  // clients call this to find out whether a Jaeger is running
  if (request.method === 'GET' && pathname === '/api/services') return { data: ring.services() };
  throw new Refusal(404, `no route for ${request.method} ${pathname}`);
}

async function jsonBody(request: IncomingMessage): Promise<unknown> {
  if (!request.headers['content-type']?.startsWith('application/json')) {
    throw new Refusal(415, 'OTLP is accepted as application/json only');
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_LIMIT_BYTES) throw new Refusal(413, `more than ${BODY_LIMIT_BYTES} bytes`);
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  const zipped = request.headers['content-encoding'] === 'gzip';
  try {
    const text = zipped ? await unzip(body, { maxOutputLength: BODY_LIMIT_BYTES }) : body;
    return JSON.parse(text.toString('utf8'));
  } catch (error) {
    throw new Refusal(400, messageOf(error));
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
