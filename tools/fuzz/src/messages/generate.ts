import { hash } from 'node:crypto';
import {
  isRetired,
  lift,
  messages,
  OUTCOMES,
  services,
  consumedTopics,
  type MessageDefinition,
  type ServiceName,
} from '@tallystick/contracts';
import { jsonSchemaOf } from '@tallystick/interfaces';
import fc from 'fast-check';
import * as z from 'zod';
import { nearlyOf } from './mutations.ts';
import { valuesOf, type Known } from './values.ts';

/** A message to send, in one of its versions, and what its reader must make of it. */
export interface Generated {
  definition: MessageDefinition;
  version: number;
  payload: unknown;
  /** Whether the schema accepts the payload. Whoever reads the type quarantines it otherwise. */
  isValid: boolean;
}

/**
 * Returns the messages that somebody reads: those on a topic that a service consumes, and those to third parties. The
 * evidence of a decision has no topic, and the topics of the audit have no consumer.
 * @param only the services whose messages are chosen; all if absent
 */
export function readMessages(only: readonly ServiceName[] = services): MessageDefinition[] {
  const consumed = new Set<string>(services.flatMap((service) => consumedTopics(service)));
  return Object.values(messages as Record<string, MessageDefinition>).filter(
    ({ topic, from, to }) =>
      (consumed.has(topic) || topic === OUTCOMES) &&
      [...from, ...to].some((party) => (only as readonly string[]).includes(party)),
  );
}

/**
 * Generates payloads of every version of messages: as many valid ones as nearly valid ones.
 * @param count of each, for a version
 * @param known ids of real objects, which some of the commands name. An event is a fact of its sender, and one that
 * contradicts the facts before it is a broken invariant
 */
export function generate(
  definitions: readonly MessageDefinition[],
  { count, seed, known }: { count: number; seed: number; known: Known },
): Generated[] {
  return definitions.flatMap((definition) =>
    Object.entries(definition.versions).flatMap(([number, one]) => {
      if (isRetired(one, Date.now())) return [];
      const version = Number(number);
      const values = valuesOf(
        jsonSchemaOf(one.data),
        definition.kind === 'command' ? known : { ...known, ids: {} },
      ).filter((value) => accepts(definition, version, value));
      return [values, nearlyOf(values)].flatMap((arbitrary, at) =>
        fc
          .sample(arbitrary, { seed: seedOf(seed, definition, version, at), numRuns: count })
          .map((payload) => ({
            definition,
            version,
            payload,
            isValid: accepts(definition, version, payload),
          })),
      );
    }),
  );
}

/** Derives a seed for each kind of payload: with one for all, messages of different types would get the same new ids. */
function seedOf(seed: number, { topic, type }: MessageDefinition, version: number, at: number): number {
  return hash('sha256', [seed, topic, type, version, at].join(' '), 'buffer').readInt32BE();
}

/** Whether a version of a message accepts a payload in wire form. */
export function accepts(definition: MessageDefinition, version: number, payload: unknown): boolean {
  const { success, data } = z.safeDecode(definition.versions[version]!.data, asJson(payload) as never);
  if (!success) return false;
  const lifted = lift(definition, version, data) as Record<string, unknown>;
  return lifted[definition.key] === subjectOf(definition, payload);
}

/** Returns the id that a payload is about, or a text if it has none. */
export function subjectOf({ key }: MessageDefinition, payload: unknown): string {
  const subject = (payload as Record<string, unknown> | null)?.[key];
  return typeof subject === 'string' && /^[\x20-\x7e]{1,200}$/.test(subject) ? subject : 'nothing';
}

function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
