import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

/** A receiver of OTLP over HTTP that keeps every request. */
export interface TelemetryReceiver {
  url: string;
  /** The bodies of all requests, by their path: `/v1/traces`, `/v1/metrics`. */
  received: { path: string; body: Buffer }[];
  stop(): Promise<void>;
}

export async function startTelemetryReceiver(): Promise<TelemetryReceiver> {
  const received: TelemetryReceiver['received'] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const isZipped = request.headers['content-encoding'] === 'gzip';
      received.push({ path: request.url ?? '', body: isZipped ? gunzipSync(body) : body });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
