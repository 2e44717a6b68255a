import { newJti, type TopicName } from '@tallystick/contracts';
import type { OutgoingRecord } from '@tallystick/messaging';

export const KEY_TOPIC = 'auth.keys.v1' satisfies TopicName;
/** Record key of the snapshot; the compacted topic keeps only the latest. */
const SNAPSHOT_KEY = 'snapshot';

/** The content of one publication on the key topic. */
export interface KeyStatement {
  registrar: { kid: string; certificate: string };
  certificates: readonly { kid: string; certificate: string }[];
  snapshot: string;
}

/**
 * Returns the records of a statement in the order that a reader needs. The registrar's certificate, which verifies the
 * others, comes first, then all certificates, and last the snapshot that lists them. Each statement is complete, so a
 * reader needs no older records, and the statements of two replicas may arrive in either order.
 */
export function keyRecords(statement: KeyStatement, topicPrefix: string): OutgoingRecord[] {
  const record = (key: string, value: string): OutgoingRecord => ({
    id: newJti(),
    topic: topicPrefix + KEY_TOPIC,
    key: Buffer.from(key),
    value: Buffer.from(value),
    headers: { 'content-type': 'application/jose' },
  });
  return [
    record(statement.registrar.kid, statement.registrar.certificate),
    ...statement.certificates.map(({ kid, certificate }) => record(kid, certificate)),
    record(SNAPSHOT_KEY, statement.snapshot),
  ];
}
