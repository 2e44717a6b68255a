export const POSTGRES_START_TIMEOUT_MS = 60_000;

/** What both ways of running Postgres set. Nothing here makes a commit less durable. */
export const postgresFlags = ['-c', 'max_connections=300'];

/** The same text order everywhere: that of Postgres itself, not of whatever C library it runs on. */
export const initdbFlags = [
  '--encoding=UTF8',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--locale=C',
];

/** Names of files that make the server take TLS only, in its own directory. */
export interface PostgresTlsFiles {
  certificate: string;
  key: string;
  clientRules: string;
}

/** Makes the server take TLS 1.3 only. */
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

/** Who may come, and how (`pg_hba.conf`): by the network with TLS and a password, and no other way. */
export const clientRules = `local   all all     scram-sha-256
hostssl all all all scram-sha-256
`;

/** The URL of a server that shows a certificate of this authority for the host that it is reached at. */
export function withVerifiedTls(url: string, caFile: string): string {
  const verified = new URL(url);
  verified.searchParams.set('sslmode', 'verify-full');
  verified.searchParams.set('sslrootcert', caFile);
  return verified.href;
}
