export const POSTGRES_START_TIMEOUT_MS = 60_000;

/** Flags for both containers and processes. None makes a commit less durable. */
export const postgresFlags = ['-c', 'max_connections=300'];

/** Sets the text order of Postgres itself, which does not depend on the C library. */
export const initdbFlags = [
  '--encoding=UTF8',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--locale=C',
];

/** Files in the server's directory that make it accept TLS only. */
export interface PostgresTlsFiles {
  certificate: string;
  key: string;
  clientRules: string;
}

/** Returns the flags that make the server accept TLS 1.3 only. */
export function postgresTlsFlags({ certificate, key, clientRules }: PostgresTlsFiles): string[] {
  const settings = {
    ssl: 'on',
    ssl_cert_file: certificate,
    ssl_key_file: key,
    ssl_min_protocol_version: 'TLSv1.3',
    hba_file: clientRules,
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Client rules (`pg_hba.conf`): network clients need TLS and a password; there is no other way in over the network. */
export const clientRules = `local   all all     scram-sha-256
hostssl all all all scram-sha-256
`;

/** Returns the URL of a server whose certificate is verified against this authority and its host. */
export function withVerifiedTls(url: string, caFile: string): string {
  const verified = new URL(url);
  verified.searchParams.set('sslmode', 'verify-full');
  verified.searchParams.set('sslrootcert', caFile);
  return verified.href;
}
