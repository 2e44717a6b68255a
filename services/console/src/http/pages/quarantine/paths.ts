import type { FoundQuarantined } from '../../../quarantine/find-quarantined.ts';

/** Returns the page of a group. */
export function groupPath(groupKey: string): string {
  return `/quarantine/groups/${encodeURIComponent(groupKey)}`;
}

/** Returns the page of a record. */
export function recordPath({ topic, offset }: Pick<FoundQuarantined, 'topic' | 'offset'>): string {
  return `/quarantine/records/${encodeURIComponent(topic)}/${offset}`;
}

/** Returns the page of a job. */
export function jobPath(jobId: string): string {
  return `/quarantine/jobs/${encodeURIComponent(jobId)}`;
}

/** Names a record in a form. */
export function recordValue({ topic, offset }: Pick<FoundQuarantined, 'topic' | 'offset'>): string {
  return `${offset} ${topic}`;
}

/** Reads the name of a record in a form; `undefined` if it is none. */
export function recordIn(value: string): { topic: string; offset: bigint } | undefined {
  const [, offset, topic] = /^(\d{1,18}) ([A-Za-z0-9._-]{1,249})$/.exec(value) ?? [];
  return offset === undefined || topic === undefined ? undefined : { topic, offset: BigInt(offset) };
}
