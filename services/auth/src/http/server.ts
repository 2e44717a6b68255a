import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How long requests may take to finish once the server stops. */
const DRAIN_TIMEOUT_MS = 10_000;

export interface HttpServer {
  port: number;
  /** Takes no new connection, lets open requests finish for a while, then ends them. */
  stop(): Promise<void>;
}

/**
 * Listens for HTTP. A service whose public address is on loopback is heard there only.
 * @param port 0 takes any free one
 */
export async function listen(handler: RequestListener, port: number, publicUrl: string): Promise<HttpServer> {
  const server = createServer(handler);
  const isLocal = publicUrl.startsWith('http:');
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, isLocal ? '127.0.0.1' : undefined, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return { port: (server.address() as AddressInfo).port, stop: () => drain(server) };
}

async function drain(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
  });
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), DRAIN_TIMEOUT_MS);
  await closed;
  clearTimeout(timer);
}
