import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { z } from 'zod';

import { systemErrorCode } from './errors.ts';

const httpUrl = z.url({ protocol: /^https?$/ });
const postgresUrl = z.url({ protocol: /^postgres(ql)?$/ });
const serviceNames = z.enum(['auth', 'account', 'card', 'payment']);

const producerSchema = z.strictObject({
  id: z.string().min(1),
  kid: z.string().min(1),
  privateJwk: z.string().min(1),
  permissions: z.array(z.strictObject({ topic: z.string().min(1), types: z.array(z.string().min(1)) })),
});

const stackFileSchema = z.strictObject({
  kafka: z.strictObject({
    brokers: z.array(z.string().min(1)).min(1),
    /** stands before the name of each topic, where the broker serves others too */
    topicPrefix: z.string().min(1).optional(),
  }),
  services: z.record(serviceNames, httpUrl),
  trustAnchors: z.string().min(1),
  producers: z.array(producerSchema),
  clients: z.array(z.looseObject({ client_id: z.string().min(1), privateJwk: z.string().min(1).optional() })),
  customers: z.array(z.looseObject({ email: z.string().min(1), password: z.string().min(1) })),
  traces: z.strictObject({ otlp: httpUrl, jaeger: httpUrl.nullable() }),
  postgres: z.record(serviceNames, postgresUrl),
});

/** How a running stack tells programs where everything is. Paths in memory are absolute, in the file relative to it. */
export type StackFile = z.infer<typeof stackFileSchema>;

/** Where the file of a stack is. */
export function stackFilePath(directory: string): string {
  return join(directory, 'stack.json');
}

/**
 * Writes the file, readable by its owner only, whole or not at all.
 *
 * @param path where; its paths become relative to it
 * @param content what a stack says of itself, with absolute paths
 * @throws ZodError when the content is not of the form
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
 * @param path where it is
 * @returns its content with absolute paths
 * @throws Error that says to start a stack, when there is no file; ZodError when it is not of the form
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

function mapPaths(content: StackFile, map: (path: string) => string): StackFile {
  return {
    ...content,
    trustAnchors: map(content.trustAnchors),
    producers: content.producers.map((producer) => ({ ...producer, privateJwk: map(producer.privateJwk) })),
    clients: content.clients.map((client) =>
      client.privateJwk === undefined ? client : { ...client, privateJwk: map(client.privateJwk) },
    ),
  };
}
