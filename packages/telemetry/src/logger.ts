import { pino, type Logger } from 'pino';
import { prettyLine } from './pretty-line.ts';

export type { Logger } from 'pino';

export interface LoggerOptions {
  service: string;
  level?: string | undefined;
  /** `auto`, the default: `pretty` on a terminal, else `json`. */
  format?: 'auto' | 'json' | 'pretty' | undefined;
  /** Names of fields that are never written, at depths one to four; see the classification in contracts. */
  confidentialFields: readonly string[];
}

/**
 * Creates the structured logger of a service, which writes to standard output without confidential fields. Lines are
 * readable text on a terminal, JSON elsewhere.
 */
export function createLogger({ service, level, format, confidentialFields }: LoggerOptions): Logger {
  const names = [...confidentialFields, 'authorization', 'dpop', 'password', 'cookie', 'd', 'client_secret'];
  const paths = names.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.*.*.${name}`]);
  const options: pino.LoggerOptions = {
    level: level ?? 'info',
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths, censor: '[confidential]' },
    formatters: { level: (label) => ({ level: label }) },
  };
  const isTerminal = process.stdout.isTTY;
  const isPretty = format === 'pretty' || (format !== 'json' && isTerminal);
  if (!isPretty) return pino(options);
  const coloured = isTerminal && process.stdout.hasColors();
  return pino(options, { write: (line) => void process.stdout.write(prettyLine(line, coloured)) });
}
