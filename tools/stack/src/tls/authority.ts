import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CertificateAuthority } from './certificate-authority.ts';

const LIFETIME_MS = 30 * 86_400_000;

/** A certificate and its private key in files, each PEM. */
export interface CertificateFiles {
  certificateFile: string;
  keyFile: string;
}

/** A certificate authority for one run, which writes what it certifies into a directory. */
export class Authority {
  /** the authority's own certificate (PEM), to be trusted by others */
  readonly caFile: string;
  readonly #directory: string;
  readonly #authority: CertificateAuthority;

  private constructor(directory: string, authority: CertificateAuthority) {
    this.#directory = directory;
    this.#authority = authority;
    this.caFile = join(directory, 'ca.crt');
    writeFileSync(this.caFile, authority.pem);
  }

  /** @param directory directory of the files; created if missing, accessible to its owner only */
  static async create(directory: string, nowMs: number): Promise<Authority> {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return new Authority(directory, await CertificateAuthority.generate(nowMs, LIFETIME_MS));
  }

  /**
   * Certifies a new key, for use by both a server and a client.
   * @param name the common name and the base name of the files
   * @param hosts the names and addresses of the server
   */
  async certify(name: string, hosts: readonly string[], nowMs: number): Promise<CertificateFiles> {
    const { certificate, key } = await this.#authority.issue(name, hosts, nowMs);
    return {
      certificateFile: this.#write(`${name}.crt`, certificate),
      keyFile: this.#write(`${name}.key`, key),
    };
  }

  #write(name: string, content: string): string {
    const path = join(this.#directory, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }
}
