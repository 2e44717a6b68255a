import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createSecureContext } from 'node:tls';

/** How soon a certificate that was replaced is shown, in milliseconds. */
const LOOK_INTERVAL_MS = 2_000;

/** The certificate (chain) of a server and its key, in files, PEM each. */
export interface ServerCertificate {
  certificateFile: string;
  keyFile: string;
}

/**
 * Makes a server of HTTPS (TLS 1.3), or of HTTP where there is no certificate. When the files are replaced, new
 * connections get the new certificate; one that cannot be used is told of, and the old one stays.
 * @param onUnusable hears why a replaced certificate is not used
 */
export function createServer(
  listener: RequestListener,
  certificate: ServerCertificate | undefined,
  onUnusable: (error: unknown) => void,
): Server {
  if (certificate === undefined) return createHttpServer(listener);
  const { certificateFile, keyFile } = certificate;
  const read = () =>
    ({ cert: readFileSync(certificateFile), key: readFileSync(keyFile), minVersion: 'TLSv1.3' }) as const;
  const server = createHttpsServer(read(), listener);
  const renew = (): void => {
    try {
      const context = read();
      // Throws where the key is not the certificate's; the server itself would take them.
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
