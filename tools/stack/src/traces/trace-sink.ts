import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { z } from 'zod';

import { messageOf } from '../errors.ts';
import { exportRequest, type ExportRequest } from './otlp-json.ts';

const unzip = promisify(gunzip);
const BODY_LIMIT_BYTES = 32 * 2 ** 20;
const TRACES_KEPT = 2_000;
const SPANS_PER_TRACE_MAX = 1_000;

/** The latest traces, each as the groups of spans in which it arrived. */
type Traces = Map<string, ExportRequest['resourceSpans']>;

/** A small store of traces, for a machine without Jaeger. */
export interface TraceSink {
  /** base of its inputs (`POST /v1/traces`, OTLP) and outputs (`GET /api/v3/traces/{id}`, as Jaeger's) */
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts the store on a free port of 127.0.0.1. It accepts OTLP over HTTP in JSON, gzipped or not, and answers with the
 * same JSON.
 *
 * @param tracesKept number of traces to keep before it drops the oldest
 */
export async function startTraceSink(tracesKept = TRACES_KEPT): Promise<TraceSink> {
  const traces: Traces = new Map();
  const server = createServer((request, response) => void answer(traces, tracesKept, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the trace sink has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
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

async function answer(
  traces: Traces,
  tracesKept: number,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    send(response, 200, await route(traces, tracesKept, request));
  } catch (error) {
    const httpCode = error instanceof Refusal ? error.status : error instanceof z.ZodError ? 400 : 500;
    const message = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    send(response, httpCode, { error: { httpCode, message } });
  }
}

async function route(traces: Traces, tracesKept: number, request: IncomingMessage): Promise<unknown> {
  const { pathname } = new URL(request.url ?? '/', 'http://sink');
  if (request.method === 'POST' && pathname === '/v1/traces') {
    keep(traces, exportRequest.parse(await jsonBody(request)));
    for (const traceId of traces.keys()) {
      if (traces.size <= tracesKept) break;
      traces.delete(traceId);
    }
    return {};
  }
  const traceId = /^\/api\/v3\/traces\/([0-9a-f]{32})$/i.exec(pathname)?.[1]?.toLowerCase();
  if (request.method === 'GET' && traceId !== undefined) {
    const resourceSpans = traces.get(traceId);
    if (resourceSpans === undefined) throw new Refusal(404, 'No traces found');
    return { result: { resourceSpans } };
  }
  throw new Refusal(404, `nothing is at ${request.method} ${pathname}`);
}

function keep(traces: Traces, { resourceSpans }: ExportRequest): void {
  for (const { resource, scopeSpans } of resourceSpans)
    for (const [traceId, spans] of Map.groupBy(
      scopeSpans.flatMap((scope) => scope.spans),
      (span) => span.traceId.toLowerCase(),
    )) {
      const groups = traces.get(traceId) ?? [];
      if (groups.length === 0) traces.set(traceId, groups);
      if (groups.length < SPANS_PER_TRACE_MAX) groups.push({ resource, scopeSpans: [{ spans }] });
    }
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
