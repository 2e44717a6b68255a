import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { CodedError } from '@tallystick/contracts';
import { repeat, type Repeated } from '@tallystick/postgres';
import type { Logger } from '@tallystick/telemetry';
import type { Express, RequestHandler } from 'express';
import { problemHandler, sendProblem } from './problem.ts';
import { createServer, type ServerCertificate } from './tls.ts';

/** When the service stops, requests without an answer are cut off after this time. */
const CLOSE_TIMEOUT_MS = 5_000;
/** Time in which clients of persistent connections learn that the connection ends. */
const DRAIN_MS = 1_000;
const DRAIN_CHECK_INTERVAL_MS = 20;
const UPKEEP_INTERVAL_MS = 60_000;

/** The server of an edge, from its start to its end. */
export interface EdgeServer {
  /** Marks each connection as closing after its current request when the server is about to end. */
  sendConnectionClose: RequestHandler;
  listen(port: number, host: string, certificate: ServerCertificate | undefined): Promise<number>;
  close(): Promise<void>;
}

/** @param upkeep runs periodically while the server listens; its signal aborts when the server closes */
export function edgeServer(
  app: Express,
  logger: Logger,
  upkeep: (signal: AbortSignal) => Promise<void>,
): EdgeServer {
  let isClosing = false;
  let server: Server | undefined;
  let repeated: Repeated | undefined;
  return {
    sendConnectionClose(_request, response, next) {
      // On every connection, even a busy one.
      if (isClosing) response.setHeader('Connection', 'close');
      next();
    },
    async listen(port, host, certificate) {
      app.use((_request, response) => sendProblem(response, new CodedError('route.not_found')));
      app.use(problemHandler(logger));
      server = createServer(app, certificate, (error) =>
        logger.error({ err: error }, 'tls.certificate_reload_failed'),
      );
      server.listen(port, host);
      await once(server, 'listening');
      repeated = repeat(UPKEEP_INTERVAL_MS, upkeep, (fault) =>
        logger.warn({ err: fault }, 'http.upkeep_failed'),
      );
      return (server.address() as AddressInfo).port;
    },
    async close() {
      const stopped = repeated?.stop();
      if (server === undefined) return;
      isClosing = true;
      await drain(server);
      await stopped;
    },
  };
}

async function drain(server: Server): Promise<void> {
  const drainedAtMs = performance.now() + DRAIN_MS;
  while (performance.now() < drainedAtMs && (await connectionsOf(server)) > 0)
    await delay(DRAIN_CHECK_INTERVAL_MS);
  const hanging = setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT_MS);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(hanging);
}

const connectionsOf = async (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.getConnections((error, count) => resolve(error === null ? count : 0));
  });
