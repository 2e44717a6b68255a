import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';

/**
 * Returns flags for Chromium that trust the certificates of servers which an authority of a stack certifies: a browser
 * takes no authority from its command line, but digests of keys (RFC 7469 §2.4).
 * @param authority path of the authority's certificate (PEM)
 * @throws if a server's certificate is not of that authority, or not for its name
 */
export async function flagsTrusting(authority: string, urls: readonly string[]): Promise<string[]> {
  const ca = readFileSync(authority);
  const digests = await Promise.all(
    urls.map(async (url) => {
      const { hostname, port } = new URL(url);
      const socket = connect({ host: hostname, port: Number(port === '' ? 443 : port), ca });
      await once(socket, 'secureConnect');
      const key = socket.getPeerX509Certificate()!.publicKey.export({ type: 'spki', format: 'der' });
      socket.destroy();
      return createHash('sha256').update(key).digest('base64');
    }),
  );
  return [`--ignore-certificate-errors-spki-list=${digests.join(',')}`];
}
