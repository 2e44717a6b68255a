import { createPrivateKey, X509Certificate } from 'node:crypto';
import { ConfigurationError, fileToFollow, readPrivateFile, readSettingFile } from './environment.ts';

/**
 * Settings that name a file of transport security. Such a file is read each time it is needed, so the parsed value is
 * its path; its content is checked when the configuration is read.
 */

/** A certificate, or a chain that starts with the holder's certificate (RFC 5280), PEM. */
export const certificateFile = fileToFollow(readCertificate);

/** A private key (RFC 5958), PEM, readable by its owner only. */
export const privateKeyFile = fileToFollow(readKey);

/** A password, readable by its owner only. */
export const passwordFile = fileToFollow(async (path) => {
  if ((await readPrivateFile(path)).trim() === '') throw new ConfigurationError(`${path}: holds no password`);
});

/**
 * Returns the fault if a valid private key does not belong to a valid certificate; otherwise `undefined`.
 * @throws ConfigurationError if either file has become unusable since it was checked
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
    throw new ConfigurationError(`${path}: holds a certificate that has expired; renew it`);
  return certificate;
}

async function readKey(path: string): Promise<ReturnType<typeof createPrivateKey>> {
  const text = await readPrivateFile(path);
  try {
    return createPrivateKey(text);
  } catch {
    // The error of `createPrivateKey` may repeat a part of the key.
    throw new ConfigurationError(`${path}: holds no private key (PEM)`);
  }
}
