import { topicLimits } from '@tallystick/contracts';
import type { BreakKind } from './break-kinds.ts';
import type { Contracts, MessageContract, OperationContract } from './contracts.ts';

const DAY_MS = 86_400_000;

/** A break of a whole interface. */
export interface InterfaceBreak {
  kind: BreakKind;
  detail: string;
}

type Contract = MessageContract | OperationContract;

/**
 * Returns the day from which nothing reads a version any more: its sunset; for a message also the time for which a
 * quarantine keeps records, which an operator may release. `undefined` if there is no such day: a version that is not
 * deprecated, or one on a compacted topic, which keeps its records for ever.
 */
export function endOf(contract: Contract, { topics }: Contracts): string | undefined {
  const { deprecated } = contract;
  if (deprecated === undefined) return undefined;
  if (!('topic' in contract)) return deprecated.sunset;
  if (topics[contract.topic]?.cleanup === 'compacted') return undefined;
  const endMs = Date.parse(deprecated.sunset) + topicLimits.quarantineRetentionMs;
  return new Date(Math.ceil(endMs / DAY_MS) * DAY_MS).toISOString().slice(0, 'YYYY-MM-DD'.length);
}

/** Lists the breaks of removing a version on a day. */
export function removalBreaks(contract: Contract, base: Contracts, on: string): InterfaceBreak[] {
  const { deprecated } = contract;
  if (deprecated === undefined)
    return [{ kind: 'interface.removed_without_deprecation', detail: 'the version is gone' }];
  if (on < deprecated.sunset)
    return [{ kind: 'interface.removed_before_sunset', detail: `its sunset is ${deprecated.sunset}` }];
  const end = endOf(contract, base);
  if (end === undefined)
    return [{ kind: 'interface.still_held', detail: 'its compacted topic keeps the records for ever' }];
  return on < end ? [{ kind: 'interface.still_held', detail: `its records may be read until ${end}` }] : [];
}

/** Lists the breaks of a new sunset. */
export function sunsetBreaks(before: Contract, after: Contract, on: string): InterfaceBreak[] {
  const [was, is] = [before.deprecated?.sunset, after.deprecated?.sunset];
  if (is === undefined) return [];
  if (was !== undefined && is < was)
    return [{ kind: 'interface.sunset_earlier', detail: `the sunset ${was} became ${is}` }];
  return was === undefined && is <= on
    ? [{ kind: 'interface.removed_without_deprecation', detail: `its first sunset, ${is}, is over` }]
    : [];
}
