import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { listedTopic, OUTCOMES_PREFIX, quarantineOf } from '@tallystick/contracts';
import type { Kafka } from '@tallystick/messaging';
import { commandLine, type Part } from './processes.ts';

/** Totals of the topics so far. All topics of outcomes count as one. */
export interface Traffic {
  /** Records by topic, without its prefix. */
  records: Record<string, number>;
  quarantined: number;
  /** Bytes in the broker's log by topic; `null` if its files are inaccessible. */
  logBytes: Record<string, number> | null;
}

/**
 * Counts the records of the topics, by the ends of their partitions, and their bytes in the log.
 * @param topics names with the prefix; topics of outcomes are found by their names
 */
export async function measureTraffic(
  kafka: Kafka,
  { topics, prefix }: { topics: readonly string[]; prefix: string },
  parts: readonly Part[],
): Promise<Traffic> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const count = async (topic: string): Promise<number> =>
      (await admin.fetchTopicOffsets(topic)).reduce((sum, { high }) => sum + Number(high), 0);
    const listed = (topic: string): string => listedTopic(topic.slice(prefix.length));
    const existing = await admin.listTopics();
    const counted = [...topics, ...existing.filter((name) => name.startsWith(prefix + OUTCOMES_PREFIX))];
    const quarantines = topics.map(quarantineOf).filter((name) => existing.includes(name));
    return {
      records: sumByName(await Promise.all(counted.map(async (name) => [listed(name), await count(name)]))),
      quarantined: (await Promise.all(quarantines.map(count))).reduce((sum, one) => sum + one, 0),
      logBytes: logBytes(parts, counted, listed),
    };
  } finally {
    await admin.disconnect();
  }
}

function sumByName(amounts: readonly [name: string, amount: number][]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [name, amount] of amounts) sums[name] = (sums[name] ?? 0) + amount;
  return sums;
}

function logBytes(
  parts: readonly Part[],
  topics: readonly string[],
  listed: (topic: string) => string,
): Record<string, number> | null {
  const pid = parts.find(({ name }) => name === 'kafka')?.pid ?? null;
  const properties = pid === null ? undefined : commandLine(pid).find((part) => part.endsWith('.properties'));
  if (properties === undefined) return null;
  try {
    const directory = /^log\.dirs=(.*)$/m.exec(readFileSync(properties, 'utf8'))?.[1];
    if (directory === undefined) return null;
    const sizeOf = (partition: string): number =>
      readdirSync(join(directory, partition))
        .filter((name) => name.endsWith('.log'))
        .reduce((sum, name) => sum + statSync(join(directory, partition, name)).size, 0);
    return sumByName(
      readdirSync(directory).flatMap((partition): [string, number][] => {
        const topic = partition.replace(/-\d+$/, '');
        return topics.includes(topic) ? [[listed(topic), sizeOf(partition)]] : [];
      }),
    );
  } catch {
    // the files of a broker in a container, or of another user, are inaccessible
    return null;
  }
}
