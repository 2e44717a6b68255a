import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';

import { messageOf, SettingError } from './errors.ts';

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
    'backing-only': z.boolean(),
    tls: z.boolean(),
    directory: z.string().min(1, 'must name a directory'),
    json: z.boolean(),
    help: z.boolean(),
  })
  .transform(({ 'backing-only': backingOnly, ...rest }) => ({ backingOnly, ...rest }));

export type Flags = z.output<typeof flags>;

/**
 * Reads the flags of `npm run stack`.
 *
 * @param args the arguments after the program
 * @throws SettingError that names an unknown flag
 */
export function parseFlags(args: string[]): Flags {
  try {
    const { values } = parseArgs({
      args,
      options: {
        'backing-only': { type: 'boolean', default: false },
        tls: { type: 'boolean', default: false },
        directory: { type: 'string', default: join(import.meta.dirname, '..', '..', '..', '.tallystick') },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const checked = flags.safeParse(values);
    if (checked.success) return checked.data;
    const [fault] = checked.error.issues;
    throw new SettingError(`--${String(fault?.path[0])} ${fault?.message}`);
  } catch (error) {
    if (error instanceof SettingError) throw error;
    // node:util adds advice about positional arguments, which this command does not take
    throw new SettingError(`${messageOf(error).split('. ')[0]}; npm run stack -- --help lists the options`, {
      cause: error,
    });
  }
}
