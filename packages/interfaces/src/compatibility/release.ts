import { referableSchemas, withReferences } from '../json-schema.ts';
import { changelogEntry, withEntry } from './changelog.ts';
import { SHARED, type Contracts } from './contracts.ts';
import type { Comparison } from './compare.ts';
import { reservedNames } from './reserved.ts';
import { WAIVERS_HEAD } from './waivers.ts';

/** The files of a release, as text. */
export interface ReleaseFiles {
  contracts: string;
  changelog: string;
  waivers: string;
}

/**
 * Writes the files of a release.
 * @param base the last release; `undefined` for the first
 * @param current the contracts to release
 * @param waived the breaking changes that it makes all the same
 * @param changelog what earlier releases wrote
 */
export function releaseFiles(
  base: Contracts | undefined,
  current: Contracts,
  waived: Comparison['waived'],
  changelog: string | undefined,
): ReleaseFiles {
  const reserved = base === undefined ? current.reserved : reservedNames(base, current);
  const { operations, messages, wire } = current;
  const released = {
    ...current,
    reserved,
    operations: withReferences(operations, SHARED),
    messages: withReferences(messages, SHARED),
    wire: withReferences(wire, SHARED),
    schemas: referableSchemas(),
  };
  return {
    contracts: JSON.stringify(released, null, 2),
    changelog: withEntry(changelog, changelogEntry(base, current, waived)),
    waivers: WAIVERS_HEAD,
  };
}
