import { newJti, type TopicName } from '@tallystick/contracts';
import type { OutgoingRecord } from '@tallystick/messaging';

export const KEY_TOPIC = 'auth.keys.v1' satisfies TopicName;
/** Record key of the snapshot: the compacted topic keeps the latest alone. */
const SNAPSHOT_KEY = 'snapshot';

/** What goes on the key topic at one time. */
export interface KeyStatement {
  registrar: { kid: string; certificate: string };
  certificates: readonly { kid: string; certificate: string }[];
  snapshot: string;
}

/**
 * The records of a statement, in the order in which a reader needs them: the registrar's certificate, by which the
 * others verify, all certificates, and last the snapshot that lists them. Each statement is whole, so that a reader
 * needs nothing older and statements of two replicas may arrive in either order.
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
