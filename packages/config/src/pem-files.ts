import { createPrivateKey, X509Certificate } from 'node:crypto';
import { ConfigurationError, fileToFollow, readPrivateFile, readSettingFile } from './environment.ts';

/**
 * Settings that name a file of transport security. Such a file is read anew whenever it is needed, so its path is what
 * becomes of the setting; what it holds is checked at the start.
 */

/** A certificate, or a chain of them with the holder's first (RFC 5280), PEM. */
export const certificateFile = fileToFollow(readCertificate);

/** A private key (RFC 5958), PEM, that only its owner may read. */
export const privateKeyFile = fileToFollow(readKey);

/** A password, that only its owner may read. */
export const passwordFile = fileToFollow(async (path) => {
  if ((await readPrivateFile(path)).trim() === '') throw new ConfigurationError(`${path}: holds no password`);
});

/**
 * What is wrong with a certificate and a key that were each taken for themselves; nothing where they belong together.
 * @throws ConfigurationError where one of them is not what it was any more
 */
export async function faultOfKeyPair(certificatePath: string, keyPath: string): Promise<string | undefined> {
  const [certificate, key] = [await readCertificate(certificatePath), await readKey(keyPath)];
  return certificate.checkPrivateKey(key) ? undefined : `${keyPath}: is the key of another certificate`;
}

async function readCertificate(path: string): Promise<X509Certificate> {
  const text = await readSettingFile(path);
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(text);
  } catch {
    throw new ConfigurationError(`${path}: holds no certificate (PEM)`);
  }
  if (certificate.validToDate.getTime() <= Date.now())
    throw new ConfigurationError(`${path}: holds a certificate that has ended; have another made`);
  return certificate;
}

async function readKey(path: string): Promise<ReturnType<typeof createPrivateKey>> {
  const text = await readPrivateFile(path);
  try {
    return createPrivateKey(text);
  } catch {
    // Its own words may repeat a part of the key.
    throw new ConfigurationError(`${path}: holds no private key (PEM)`);
  }
}
