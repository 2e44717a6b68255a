import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createSecureContext } from 'node:tls';

/** A slow client holds a connection no longer: times for the headers and for a whole request, in milliseconds. */
const TIMEOUTS = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  connectionsCheckingInterval: 1_000,
} as const;

/** Interval at which the certificate files are checked for a replacement. */
const LOOK_INTERVAL_MS = 2_000;

/** The files of a server's certificate (chain) and its key, both PEM. */
export interface ServerCertificate {
  certificateFile: string;
  keyFile: string;
}

/**
 * Creates an HTTPS server (TLS 1.3), or an HTTP server if there is no certificate. When the files are replaced, new
 * connections get the new certificate; if it is unusable, the old one stays in use.
 * @param onUnusable takes the reason for which a replaced certificate is not used
 */
export function createServer(
  listener: RequestListener,
  certificate: ServerCertificate | undefined,
  onUnusable: (error: unknown) => void,
): Server {
  if (certificate === undefined) return createHttpServer(TIMEOUTS, listener);
  const { certificateFile, keyFile } = certificate;
  const read = () =>
    ({ cert: readFileSync(certificateFile), key: readFileSync(keyFile), minVersion: 'TLSv1.3' }) as const;
  const server = createHttpsServer({ ...TIMEOUTS, ...read() }, listener);
  const renew = (): void => {
    try {
      const context = read();
      // Throws if the key does not match the certificate; the server itself would accept them.
      createSecureContext(context);
      server.setSecureContext(context);
    } catch (error) {
      onUnusable(error);
    }
  };
  for (const file of [certificateFile, keyFile])
    watchFile(file, { interval: LOOK_INTERVAL_MS, persistent: false }, renew);
  server.once('close', () => {
    for (const file of [certificateFile, keyFile]) unwatchFile(file, renew);
  });
  return server;
}
