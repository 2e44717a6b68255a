import { randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
// A dependency of the library requires it without declaring it.
// oxlint-disable-next-line import/no-unassigned-import -- imported for its additions to Reflect
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
/** Allowance for a clock that is behind. */
const BACKDATED_MS = 3_600_000;

/** A certificate and its private key, each PEM. */
export interface IssuedCertificate {
  certificate: string;
  key: string;
}

/** A certificate authority (X.509, RFC 5280) whose key stays in memory. */
export class CertificateAuthority {
  /** the authority's own certificate (PEM), to be trusted by others */
  readonly pem: string;
  readonly #certificate: x509.X509Certificate;
  readonly #keys: webcrypto.CryptoKeyPair;
  readonly #lifetimeMs: number;

  private constructor(certificate: x509.X509Certificate, keys: webcrypto.CryptoKeyPair, lifetimeMs: number) {
    this.#lifetimeMs = lifetimeMs;
    this.#certificate = certificate;
    this.#keys = keys;
    this.pem = pemOf(certificate);
  }

  /** @param lifetimeMs of its own certificate, and of each that it issues */
  static async generate(nowMs: number, lifetimeMs: number): Promise<CertificateAuthority> {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: serialNumber(),
      name: 'CN=Tallystick local authority',
      notBefore: new Date(nowMs - BACKDATED_MS),
      notAfter: new Date(nowMs + lifetimeMs),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return new CertificateAuthority(certificate, keys, lifetimeMs);
  }

  /**
   * Certifies a new key, for use by both a server and a client.
   * @param name the common name
   * @param hosts the names and addresses of the server
   */
  async issue(name: string, hosts: readonly string[], nowMs: number): Promise<IssuedCertificate> {
    const keys = await newKeys();
    const { serverAuth, clientAuth } = x509.ExtendedKeyUsage;
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject: `CN=${name}`,
      issuer: this.#certificate.subject,
      notBefore: new Date(nowMs - BACKDATED_MS),
      notAfter: new Date(nowMs + this.#lifetimeMs),
      signingAlgorithm: ALGORITHM,
      signingKey: this.#keys.privateKey,
      publicKey: keys.publicKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([serverAuth, clientAuth]),
        new x509.SubjectAlternativeNameExtension(
          hosts.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
        ),
        await x509.AuthorityKeyIdentifierExtension.create(this.#keys.publicKey),
      ],
    });
    const privateKey = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
    return {
      certificate: pemOf(certificate),
      key: `${x509.PemConverter.encode(privateKey, 'PRIVATE KEY')}\n`,
    };
  }
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

/** Returns a positive, unique serial number. */
function serialNumber(): string {
  // the first bit is the sign, and a leading zero would be dropped
  return `40${randomBytes(15).toString('hex')}`;
}

function pemOf(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}
