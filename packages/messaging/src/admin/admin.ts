import { parseArgs } from 'node:util';
import { isTopic, newJti, OUTCOMES_PREFIX, topics, type TopicName } from '@tallystick/contracts';
import { createPool, type Pool } from '@tallystick/postgres';
import {
  ConfigurationError,
  environmentSchema,
  fileHolding,
  readEnvironment,
  readPrivateFile,
} from '@tallystick/config';
import { claimed, loadTrustAnchors, thumbprint } from '@tallystick/security';
import { createLogger } from '@tallystick/telemetry';
import * as z from 'zod';
import { createKafka, type Kafka } from '../kafka.ts';
import { kafkaRequiredTogether, kafkaConnection, kafkaEnvironment } from '../kafka-settings.ts';
import { Publisher } from '../publish/publisher.ts';
import { adminCommands, type AdminCommand } from './commands.ts';
import { listQuarantined, releaseQuarantined } from './quarantined.ts';
import { republish } from './republish.ts';
import { startOver } from './start-over.ts';
import { verifyAudit } from './verify-audit.ts';

const commandNames = Object.keys(adminCommands) as [AdminCommand, ...AdminCommand[]];

export const adminUsage = `Usage: node runtime/admin.js <command> <topic> [options]

Operator commands on topics, in the environment of a service (KAFKA_…, TOPIC_PREFIX, POSTGRES_URL or POSTGRES_URL_FILE;
verify-audit: TRUST_ANCHORS_FILE).

${commandNames.map((name) => `  ${name.padEnd(20)} ${adminCommands[name]}`).join('\n')}

Exit status: 0 if it is done, 1 if the audit is not intact or a message cannot be released, 2 for a wrong option or setting.
`;

const postgresUrl = z.url({ protocol: /^postgres(ql)?$/, error: 'must be a URL like postgres://…' });

/** The settings of a service that locate its topics and its database, and the root keys that it pins. */
const environment = environmentSchema(
  {
    ...kafkaEnvironment,
    TOPIC_PREFIX: z.string().default(''),
    POSTGRES_URL: postgresUrl.optional(),
    POSTGRES_URL_FILE: fileHolding(async (path) => {
      const url = postgresUrl.safeParse((await readPrivateFile(path)).trim());
      if (url.success) return url.data;
      throw new ConfigurationError(`${path}: ${url.error.issues[0]!.message}`);
    }).optional(),
    TRUST_ANCHORS_FILE: fileHolding(loadTrustAnchors).optional(),
  },
  kafkaRequiredTogether,
);

const PUBLISH_CERTIFICATE = 'publish-certificate' satisfies AdminCommand;
const KEY_TOPIC = 'auth.keys.v1' satisfies TopicName;

const asked = z.object({
  command: z.enum(commandNames, 'command: --help names them'),
  topic: z
    .string()
    .refine((topic) => isTopic(topic) || topic.startsWith(OUTCOMES_PREFIX), 'topic: there is no such topic'),
  since: z.iso.datetime({ error: '--since: must be a time such as 2026-11-25T18:00:00Z' }).optional(),
  offset: z.array(z.string().regex(/^\d+$/, '--offset: must be a whole number')).default([]),
});

/**
 * Executes a command of an operator.
 * @param args the command line, without the program
 * @param env the environment that locates the topic and the database
 * @param print called with each line of the output
 * @param input reads standard input
 * @returns the exit status: 1 if the audit is not intact or not every named message could be released, otherwise 0
 * @throws ConfigurationError for a wrong option or setting
 */
export async function runAdminCommand(
  args: readonly string[],
  env: Record<string, string | undefined>,
  print: (line: string) => void,
  input: () => Promise<string> = async () => '',
): Promise<0 | 1> {
  const { command, topic: name, since, offset } = parseCommand(args);
  const settings = await readEnvironment(environment, env);
  const { TOPIC_PREFIX: prefix, POSTGRES_URL_FILE: inFile, POSTGRES_URL: url = inFile } = settings;
  const logger = createLogger({ service: 'admin', level: 'silent', confidentialFields: [] });
  const kafka = createKafka({ ...kafkaConnection(settings), clientId: 'admin', logger });
  const topic = prefix + name;
  switch (command) {
    case 'republish':
      await onDatabase(url, (pool) =>
        publishing(kafka, async (publisher) => {
          const sinceMs = since === undefined ? 0 : Date.parse(since);
          print(JSON.stringify(await republish({ pool, publisher, topic, sinceMs, nowMs: Date.now() })));
        }),
      );
      return 0;
    case 'start-over':
      await onDatabase(url, async (pool) =>
        print(JSON.stringify({ partitions: await startOver(pool, topic) })),
      );
      return 0;
    case 'quarantine':
      for (const record of await listQuarantined(kafka, topic)) print(JSON.stringify(record));
      return 0;
    case 'release': {
      if (offset.length === 0)
        throw new ConfigurationError('--offset: name the messages to release; `quarantine` lists them');
      const wanted = new Set(offset);
      const released = await publishing(kafka, (publisher) =>
        releaseQuarantined(kafka, publisher, topic, wanted),
      );
      print(JSON.stringify({ released }));
      return released === wanted.size ? 0 : 1;
    }
    case 'verify-audit': {
      if (!isTopic(name) || !name.includes('.audit.'))
        throw new ConfigurationError('topic: must be that of an audit');
      const trustAnchors = settings.TRUST_ANCHORS_FILE;
      if (trustAnchors === undefined) throw new ConfigurationError('TRUST_ANCHORS_FILE: is not set');
      const audit = { service: topics[name].owner, topicPrefix: prefix, trustAnchors };
      const verdict = await onDatabase(url, (pool) => verifyAudit(pool, kafka, audit));
      print(JSON.stringify(verdict));
      return verdict.isIntact ? 0 : 1;
    }
    case PUBLISH_CERTIFICATE: {
      const certificate = (await input()).trim();
      const kid = await certifiedKid(certificate);
      if (kid === undefined) throw new ConfigurationError('stdin: is no certificate of a registrar');
      await publishing(kafka, async (publisher) => {
        const [key, value] = [Buffer.from(kid), Buffer.from(certificate)];
        await publisher.publish([{ id: newJti(), topic, key, value, headers: {} }]);
        print(JSON.stringify({ published: kid }));
      });
      return 0;
    }
  }
}

function parseCommand(args: readonly string[]): z.output<typeof asked> {
  let parts: { values: object; positionals: string[] };
  try {
    parts = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { since: { type: 'string' }, offset: { type: 'string', multiple: true } },
    });
  } catch (error) {
    throw new ConfigurationError((error as Error).message);
  }
  const [command, named] = parts.positionals;
  const topic = command === PUBLISH_CERTIFICATE ? KEY_TOPIC : named;
  const parsed = asked.safeParse({ ...parts.values, command, topic });
  if (parsed.success) return parsed.data;
  throw new ConfigurationError(parsed.error.issues.map(({ message }) => message).join('\n'));
}

/** Returns the id of the key in a registrar's certificate. The readers of the topic check its signature. */
async function certifiedKid(certificate: string): Promise<string | undefined> {
  const claims = certificateOfRegistrar.safeParse(claimed(Buffer.from(certificate)));
  return claims.success ? thumbprint(claims.data.cnf.jwk) : undefined;
}

const certificateOfRegistrar = z.object({
  role: z.literal('registrar'),
  cnf: z.object({ jwk: z.looseObject({ kty: z.string() }) }),
});

async function onDatabase<T>(url: string | undefined, work: (pool: Pool) => Promise<T>): Promise<T> {
  if (url === undefined) throw new ConfigurationError('POSTGRES_URL: is not set, nor is POSTGRES_URL_FILE');
  const pool = createPool({ url, applicationName: 'admin', maxConnections: 1 });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}

async function publishing<T>(kafka: Kafka, work: (publisher: Publisher) => Promise<T>): Promise<T> {
  const publisher = await Publisher.connect(kafka);
  try {
    return await work(publisher);
  } finally {
    await publisher.disconnect();
  }
}
