import { join } from 'node:path';
import { z } from 'zod';

import { readFlags } from './command-line.ts';

export const usage = `Usage: npm run stack [-- options]

Brings up Kafka, Postgres, a trace store and the four services on this machine, and stays up until Ctrl-C.
While it runs, .tallystick/stack.json says where everything is.

Options:
  --backing-only      only Kafka, Postgres and the trace store; no services, no stack.json
  --tls               Kafka, Postgres and HTTP by TLS, with a user, rights and a password for each program
  --directory PATH    where keys, logs and stack.json go (default: .tallystick at the root of the checkout)
  --json              when ready, print one line of JSON to stdout
  --help              show this

Environment:
  TALLYSTICK_BACKING            auto (default), container or process: where Kafka, Postgres and Jaeger come from
  TALLYSTICK_TRACES             auto (default), jaeger or sink: where spans go
  KAFKA_BROKERS                 use this Kafka: host:port, or several with commas
  POSTGRES_URL                  use this Postgres: postgres://superuser:password@host:port/postgres
  OTEL_EXPORTER_OTLP_ENDPOINT   send spans there (OTLP over HTTP)
  JAEGER_QUERY_URL              read them there
`;

const flags = z
  .strictObject({
    'backing-only': z.boolean().default(false),
    tls: z.boolean().default(false),
    directory: z
      .string()
      .min(1, 'must name a directory')
      .default(join(import.meta.dirname, '..', '..', '..', '.tallystick')),
    json: z.boolean().default(false),
    help: z.boolean().default(false),
  })
  .transform(({ 'backing-only': backingOnly, ...rest }) => ({ backingOnly, ...rest }));

export type Flags = z.output<typeof flags>;

/**
 * Reads the flags of `npm run stack`.
 *
 * @param args the arguments after the program
 * @throws SettingError that names an unknown flag
 */
export function parseFlags(args: readonly string[]): Flags {
  return readFlags(
    {
      command: 'npm run stack',
      schema: flags,
      texts: ['directory'],
      switches: ['backing-only', 'tls', 'json', 'help'],
    },
    args,
  );
}
