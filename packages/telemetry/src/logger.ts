import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

export interface LoggerOptions {
  service: string;
  level?: string | undefined;
  /** Names of fields that must never be written, at any depth down to four; see contracts' classification. */
  confidentialFields: readonly string[];
}

/** Makes the structured logger of a service: JSON lines on standard output, confidential fields left out. */
export function createLogger({ service, level, confidentialFields }: LoggerOptions): Logger {
  const names = [...confidentialFields, 'authorization', 'dpop', 'password', 'cookie', 'd', 'client_secret'];
  const paths = names.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.*.*.${name}`]);
  return pino({
    level: level ?? 'info',
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths, censor: '[confidential]' },
    formatters: { level: (label) => ({ level: label }) },
  });
}
