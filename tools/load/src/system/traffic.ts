import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { quarantineOf } from '@tallystick/contracts';
import type { Kafka } from '@tallystick/messaging';
import { commandLine, type Part } from './processes.ts';

/** Totals of the topics so far. */
export interface Traffic {
  messages: number;
  quarantined: number;
  /** Bytes in the broker's log; `null` if its files are inaccessible. */
  logBytes: number | null;
}

/** Counts the records of the topics, by the ends of their partitions, and their bytes in the log. */
export async function measureTraffic(
  kafka: Kafka,
  topics: readonly string[],
  parts: readonly Part[],
): Promise<Traffic> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const count = async (topic: string): Promise<number> =>
      (await admin.fetchTopicOffsets(topic)).reduce((sum, { high }) => sum + Number(high), 0);
    const sum = async (names: string[]): Promise<number> =>
      (await Promise.all(names.map(count))).reduce((total, one) => total + one, 0);
    const existing = new Set(await admin.listTopics());
    return {
      messages: await sum([...topics]),
      quarantined: await sum(topics.map(quarantineOf).filter((name) => existing.has(name))),
      logBytes: logBytes(parts, topics),
    };
  } finally {
    await admin.disconnect();
  }
}

function logBytes(parts: readonly Part[], topics: readonly string[]): number | null {
  const pid = parts.find(({ name }) => name === 'kafka')?.pid ?? null;
  const properties = pid === null ? undefined : commandLine(pid).find((part) => part.endsWith('.properties'));
  if (properties === undefined) return null;
  try {
    const directory = /^log\.dirs=(.*)$/m.exec(readFileSync(properties, 'utf8'))?.[1];
    if (directory === undefined) return null;
    const isOurs = (name: string): boolean => topics.includes(name.replace(/-\d+$/, ''));
    return readdirSync(directory)
      .filter(isOurs)
      .flatMap((partition) =>
        readdirSync(join(directory, partition))
          .filter((name) => name.endsWith('.log'))
          .map((name) => statSync(join(directory, partition, name)).size),
      )
      .reduce((sum, size) => sum + size, 0);
  } catch {
    // the files of a broker in a container, or of another user, are inaccessible
    return null;
  }
}
