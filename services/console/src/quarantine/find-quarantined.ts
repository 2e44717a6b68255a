import type { Queryable } from '@tallystick/postgres';
import type { Storable } from '../message-index/storable-fields.ts';

/** Waiting records with one cause: topic, reason, check, sender and shape. */
export interface QuarantineGroup {
  groupKey: string;
  topic: string;
  reason: string;
  failedCheck: string;
  issuer: string | null;
  type: string | null;
  shape: string;
  consumer: string;
  waiting: number;
  /** How many of them are kept whole, so that they can be released. */
  whole: number;
  oldestAt: Date;
  newestAt: Date;
}

/** Groups that one page shows. Senders may make any number of them. */
export const GROUPS_MAX = 200;

/** Returns the groups of waiting records, the largest first. */
export function findGroups(on: Queryable): Promise<QuarantineGroup[]> {
  return groupsWhere(on, 'waiting > 0', []);
}

/** Returns a group; `undefined` if none of its records waits. */
export async function findGroup(on: Queryable, groupKey: string): Promise<QuarantineGroup | undefined> {
  return (await groupsWhere(on, 'waiting > 0 AND group_key = $1', [groupKey]))[0];
}

/** Reads groups by their counters; what the records of a group have in common is read of the newest. */
async function groupsWhere(
  on: Queryable,
  condition: string,
  values: readonly unknown[],
): Promise<QuarantineGroup[]> {
  const { rows } = await on.query<QuarantineGroup>(
    `SELECT counted.group_key AS "groupKey", newest.topic, newest.reason, newest.failed_check AS "failedCheck", newest.issuer,
       newest.type, newest.shape, newest.consumer, waiting::int, whole::int, oldest.quarantined_at AS "oldestAt",
       newest.quarantined_at AS "newestAt"
     FROM (SELECT * FROM quarantine_group WHERE ${condition} ORDER BY waiting DESC, group_key LIMIT ${GROUPS_MAX}) AS counted
     CROSS JOIN LATERAL (
       SELECT * FROM quarantined_record r WHERE state = 'waiting' AND r.group_key = counted.group_key
       ORDER BY quarantined_at DESC LIMIT 1) AS newest
     CROSS JOIN LATERAL (
       SELECT quarantined_at FROM quarantined_record r WHERE state = 'waiting' AND r.group_key = counted.group_key
       ORDER BY quarantined_at LIMIT 1) AS oldest
     ORDER BY waiting DESC, "newestAt" DESC`,
    [...values],
  );
  return rows;
}

/** A record of a quarantine as it is shown. */
export interface FoundQuarantined {
  topic: string;
  offset: bigint;
  quarantinedAt: Date;
  reason: string;
  failedCheck: string;
  detail: string | null;
  consumer: string;
  sourcePartition: number | null;
  sourceOffset: bigint | null;
  key: string | null;
  type: string | null;
  version: number | null;
  issuer: string | null;
  jti: string | null;
  shape: string;
  isWhole: boolean;
  valueBytes: number;
  claims: Storable | null;
  groupKey: string;
  state: 'waiting' | 'released' | 'discarded';
}

const RECORD_COLUMNS = `topic, quarantine_offset AS "offset", quarantined_at AS "quarantinedAt", reason,
  failed_check AS "failedCheck", detail, consumer, source_partition AS "sourcePartition", source_offset AS "sourceOffset",
  record_key AS key, type, version, issuer, jti, shape, is_whole AS "isWhole", value_bytes AS "valueBytes", claims,
  group_key AS "groupKey", state`;

/** The place of a record in a list of a group, after which the next page begins. */
export interface QuarantinePlace {
  at: Date;
  offset: bigint;
}

/**
 * Returns a page of the waiting records of a group, newest first.
 * @param after the last place of the page before
 */
export async function findWaiting(
  on: Queryable,
  groupKey: string,
  { after, limit }: { after?: QuarantinePlace | undefined; limit: number },
): Promise<FoundQuarantined[]> {
  const { rows } = await on.query<FoundQuarantined>(
    `SELECT ${RECORD_COLUMNS} FROM quarantined_record
     WHERE state = 'waiting' AND group_key = $1 AND quarantined_at <= $2
       AND (quarantined_at < $2 OR quarantine_offset < $3)
     ORDER BY quarantined_at DESC, topic, quarantine_offset DESC LIMIT $4`,
    [groupKey, after?.at ?? 'infinity', after?.offset ?? 0n, limit],
  );
  return rows;
}

/** Finds one record of the quarantine of a topic. */
export async function findQuarantined(
  on: Queryable,
  topic: string,
  offset: bigint,
): Promise<FoundQuarantined | undefined> {
  const { rows } = await on.query<FoundQuarantined>(
    `SELECT ${RECORD_COLUMNS} FROM quarantined_record WHERE topic = $1 AND quarantine_offset = $2`,
    [topic, offset],
  );
  return rows[0];
}

/** How many records came into quarantine in an hour. */
export interface QuarantineHour {
  hour: Date;
  count: number;
}

/** Hours of the trend. */
export const TREND_HOURS = 48;

/**
 * Returns how many records came into quarantine in each of the last hours, oldest first.
 * @param groupKey of one group; all if absent
 */
export async function findTrend(on: Queryable, groupKey?: string): Promise<QuarantineHour[]> {
  // Hours by date_bin: date_trunc asks for the rules of the time zone for each row.
  const { rows } = await on.query<QuarantineHour>(
    `WITH bounds AS (
       SELECT date_bin('1 hour', now(), 'epoch') AS last,
         date_bin('1 hour', now(), 'epoch') - make_interval(hours => $1 - 1) AS first)
     SELECT hour, coalesce(found.count, 0)::int AS count
     FROM bounds CROSS JOIN generate_series(first, last, '1 hour') AS hours (hour)
     LEFT JOIN (
       SELECT date_bin('1 hour', quarantined_at, 'epoch') AS hour, count(*) AS count FROM quarantined_record
       WHERE quarantined_at >= (SELECT first FROM bounds) ${groupKey === undefined ? '' : 'AND group_key = $2'}
       GROUP BY 1) AS found USING (hour)
     ORDER BY hour`,
    groupKey === undefined ? [TREND_HOURS] : [TREND_HOURS, groupKey],
  );
  return rows;
}

/** Returns how many records wait, and how many were released and discarded. */
export async function countByState(on: Queryable): Promise<Record<FoundQuarantined['state'], number>> {
  const { rows } = await on.query<Record<FoundQuarantined['state'], number>>(
    `SELECT coalesce(sum(waiting), 0)::int AS waiting, coalesce(sum(released), 0)::int AS released,
       coalesce(sum(discarded), 0)::int AS discarded FROM quarantine_group`,
  );
  return rows[0]!;
}
