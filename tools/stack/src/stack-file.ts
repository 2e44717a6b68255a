import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { powers, type CoreServiceName } from '@tallystick/contracts';
import type { KafkaConnection } from '@tallystick/messaging';
import { z } from 'zod';

import { systemErrorCode } from './errors.ts';

const httpUrl = z.url({ protocol: /^https?$/ });
const postgresUrl = z.url({ protocol: /^postgres(ql)?$/ });

/** Something of each service; of the console, if it runs. */
export type OfServices<Value> = Record<CoreServiceName, Value> & { console?: Value | undefined };

function ofServices<Value extends z.ZodType>(value: Value) {
  return z.strictObject({
    auth: value,
    account: value,
    card: value,
    payment: value,
    console: value.optional(),
  });
}

const kafkaUserSchema = z.strictObject({ username: z.string().min(1), passwordFile: z.string().min(1) });

const producerSchema = z.strictObject({
  id: z.string().min(1),
  kid: z.string().min(1),
  privateJwk: z.string().min(1),
  permissions: z.array(z.strictObject({ topic: z.string().min(1), types: z.array(z.string().min(1)) })),
  /** its own user of Kafka, if transport is private */
  kafkaUser: kafkaUserSchema.optional(),
});

const stackFileSchema = z.strictObject({
  kafka: z.strictObject({
    brokers: z.array(z.string().min(1)).min(1),
    /** prefix of each topic name, if other systems share the broker */
    topicPrefix: z.string().min(1).optional(),
    /** a user that may do everything, if transport is private */
    user: kafkaUserSchema.optional(),
  }),
  /** the authority (PEM) of every certificate, if services are reached by HTTPS */
  authority: z.string().min(1).optional(),
  services: ofServices(httpUrl),
  trustAnchors: z.string().min(1),
  /** the services' own private keys, for attacks by a thief of such a key */
  serviceKeys: ofServices(z.string().min(1)),
  producers: z.array(producerSchema),
  clients: z.array(z.looseObject({ client_id: z.string().min(1), privateJwk: z.string().min(1).optional() })),
  customers: z.array(z.looseObject({ email: z.string().min(1), password: z.string().min(1) })),
  /** the people who are operators; they sign in to the console if it runs */
  operators: z
    .array(
      z.strictObject({
        id: z.string().min(1),
        email: z.string().min(1),
        password: z.string().min(1),
        name: z.string().min(1),
        roles: z.array(z.enum(powers)).min(1),
      }),
    )
    .default([]),
  traces: z.strictObject({ otlp: httpUrl, jaeger: httpUrl.nullable() }),
  postgres: ofServices(postgresUrl),
});

/**
 * The addresses and files of a running stack, for other programs. Paths are absolute in memory, relative to the file
 * in it.
 */
export type StackFile = z.infer<typeof stackFileSchema>;
type KafkaUser = z.infer<typeof kafkaUserSchema>;

/** Returns the path of a stack's file. */
export function stackFilePath(directory: string): string {
  return join(directory, 'stack.json');
}

/**
 * Writes the file atomically, readable by its owner only.
 *
 * @param path the path of the file; its paths become relative to it
 * @param content the description of the stack, with absolute paths
 * @throws ZodError if the content does not match the schema
 */
export function writeStackFile(path: string, content: StackFile): void {
  const base = dirname(resolve(path));
  const stored = mapPaths(stackFileSchema.parse(content), (one) =>
    isAbsolute(one) ? relative(base, one) : one,
  );
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(stored, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

/**
 * Reads the file of a running stack.
 *
 * @param path the path of the file
 * @returns its content with absolute paths
 * @throws Error that advises to start a stack, if there is no file; ZodError if the content does not match the schema
 */
export function readStackFile(path: string): StackFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
    throw new Error(`There is no ${path}: start a stack with npm run stack.`, { cause: error });
  }
  const base = dirname(resolve(path));
  return mapPaths(stackFileSchema.parse(JSON.parse(text)), (one) => resolve(base, one));
}

/** Removes the file when the stack has stopped. */
export function removeStackFile(path: string): void {
  rmSync(path, { force: true });
}

/**
 * Returns the connection to the Kafka of a stack.
 *
 * @param user the user, if transport is private; defaults to the stack itself
 */
export function kafkaOf(stack: StackFile, user = stack.kafka.user): KafkaConnection {
  // Brokers without users have no certificate either.
  return { brokers: stack.kafka.brokers, caFile: user && stack.authority, password: user };
}

/** Makes this process trust the authority of a stack for HTTPS; does nothing if the stack has none. */
export function trustAuthority({ authority }: Pick<StackFile, 'authority'>): void {
  if (authority === undefined) return;
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(authority, 'utf8')]);
}

function mapPaths(content: StackFile, map: (path: string) => string): StackFile {
  const mapUser = (user: KafkaUser | undefined) => user && { ...user, passwordFile: map(user.passwordFile) };
  return {
    ...content,
    kafka: { ...content.kafka, user: mapUser(content.kafka.user) },
    authority: content.authority && map(content.authority),
    trustAnchors: map(content.trustAnchors),
    serviceKeys: mapValues(content.serviceKeys, map),
    producers: content.producers.map((producer) => ({
      ...producer,
      privateJwk: map(producer.privateJwk),
      kafkaUser: mapUser(producer.kafkaUser),
    })),
    clients: content.clients.map((client) =>
      client.privateJwk === undefined ? client : { ...client, privateJwk: map(client.privateJwk) },
    ),
  };
}

function mapValues<Values extends Record<string, string | undefined>>(
  record: Values,
  map: (value: string) => string,
): Values {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [key, value && map(value)]),
  ) as Values;
}
