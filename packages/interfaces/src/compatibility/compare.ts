import { addressOf, breakKinds, type Break, type BreakKind } from './break-kinds.ts';
import { endOf, removalBreaks, sunsetBreaks, type InterfaceBreak } from './compare-lifetimes.ts';
import { messageBreaks } from './compare-messages.ts';
import { changed, operationBreaks } from './compare-operations.ts';
import { schemaBreaks } from './compare-schemas.ts';
import {
  ContractsInputError,
  splitAddress,
  type Contracts,
  type MessageContract,
  type OperationContract,
} from './contracts.ts';
import { callersOf, readersOf, sendersOf, wireReadersOf } from './parties.ts';
import { reusedNames } from './reserved.ts';
import type { Waiver } from './waivers.ts';

export interface Comparison {
  /** Breaking changes that nothing waives. */
  breaks: Break[];
  waived: { break: Break; reason: string }[];
}

/**
 * Compares contracts with those of the last release.
 * @param base the last release
 * @param current the contracts in code
 * @param on the day of the comparison, for sunsets
 * @param waivers the breaks that are released all the same
 * @throws ContractsInputError if a version that something names does not exist, or a waiver matches no break
 */
export function compareContracts(
  base: Contracts,
  current: Contracts,
  on: string,
  waivers: readonly Waiver[] = [],
): Comparison {
  refuseUnknownVersions(current);
  const found = [
    ...compareAll('operation', base.operations, current.operations, (before, after) => [
      ...removedOrChanged(before, after, base, on, callersOf(before)),
      ...(isOver(before, base, on) || after === undefined
        ? []
        : operationBreaks(before, after).map((one) => ({ ...one, hurts: callersOf(before) }))),
    ]),
    ...compareAll('message', base.messages, current.messages, (before, after) => [
      ...removedOrChanged(before, after, base, on, bothOf(before)),
      ...(isOver(before, base, on) || after === undefined ? [] : messageBreaks(before, after)),
    ]),
    ...topicBreaks(base, current),
    ...errorBreaks(base, current),
    ...currencyBreaks(base, current),
    ...wireBreaks(base, current),
    ...reusedNames(base, current),
  ];
  return withWaivers(found, waivers);
}

type Found = Pick<Break, 'kind' | 'field' | 'detail' | 'hurts'>;

function compareAll<Contract>(
  what: 'message' | 'operation',
  base: Record<string, Contract>,
  current: Record<string, Contract>,
  breaksOf: (before: Contract, after: Contract | undefined) => Found[],
): Break[] {
  return Object.entries(base).flatMap(([address, before]) => {
    const { name, version } = splitAddress(address);
    return breaksOf(before, current[address]).map((one) =>
      breakOf(one, { interface: `${what} ${name}`, version }),
    );
  });
}

function breakOf(
  { kind, field, detail, hurts }: Found,
  { interface: name, version }: Pick<Break, 'interface' | 'version'>,
): Break {
  return { interface: name, version, field, kind, detail, hurts, instead: breakKinds[kind] };
}

function removedOrChanged(
  before: MessageContract | OperationContract,
  after: MessageContract | OperationContract | undefined,
  base: Contracts,
  on: string,
  hurts: string,
): Found[] {
  const breaks: InterfaceBreak[] =
    after === undefined ? removalBreaks(before, base, on) : sunsetBreaks(before, after, on);
  return breaks.map((one) => ({ ...one, field: '', hurts }));
}

function bothOf(message: MessageContract): string {
  return [sendersOf(message), readersOf(message)].join('; ');
}

/** Returns whether nothing reads the version any more. */
function isOver(contract: MessageContract | OperationContract, base: Contracts, on: string): boolean {
  const end = endOf(contract, base);
  return end !== undefined && end <= on;
}

function topicBreaks(base: Contracts, current: Contracts): Break[] {
  return Object.entries(base.topics).flatMap(([name, before]) => {
    const after = current.topics[name];
    const hurts = `the writers and readers of ${name}`;
    const address = { interface: `topic ${name}`, version: null };
    if (after === undefined)
      return [breakOf({ kind: 'topic.removed', field: '', detail: 'the topic is gone', hurts }, address)];
    return [
      ...changed('owner.changed', before.owner, after.owner),
      ...changed('partitions.changed', before.partitions, after.partitions),
      ...changed('cleanup.changed', before.cleanup, after.cleanup),
    ].map((one) => breakOf({ ...one, hurts }, address));
  });
}

function errorBreaks(base: Contracts, current: Contracts): Break[] {
  const ofError = (code: string, kind: BreakKind, detail: string): Break =>
    breakOf({ kind, field: '', detail, hurts: 'clients' }, { interface: `error ${code}`, version: null });
  return Object.entries(base.errors).flatMap(([code, before]) => {
    const after = current.errors[code];
    if (after === undefined) return [ofError(code, 'error.removed', 'the code is gone')];
    return [
      ...changed('error.changed', `status ${before.status}`, `status ${after.status}`),
      ...changed('error.changed', `retry ${String(before.retry)}`, `retry ${String(after.retry)}`),
    ].map(({ kind, detail }) => ofError(code, kind, detail));
  });
}

function currencyBreaks({ minorUnits: base }: Contracts, { minorUnits: current }: Contracts): Break[] {
  const address = (code: string) => ({ interface: `currency ${code}`, version: null });
  return Object.entries(base).flatMap(([code, places]) =>
    // A code that is gone is gone from each schema too.
    changed('minor_units.changed', places, current[code] ?? places).map((one) =>
      breakOf({ ...one, hurts: 'everybody who has an amount in it' }, address(code)),
    ),
  );
}

/** A problem is an answer; everything else on the wire is kept, and read by releases before and after. */
const ANSWERS = new Set(['problem']);

function wireBreaks({ wire: base }: Contracts, { wire: current }: Contracts): Break[] {
  return Object.entries(base).flatMap(([name, before]) => {
    const after = current[name];
    const address = { interface: `wire ${name}`, version: null };
    const hurts = wireReadersOf(name);
    if (after === undefined)
      return [
        breakOf({ kind: 'wire_format.removed', field: '', detail: 'the format is gone', hurts }, address),
      ];
    const direction = ANSWERS.has(name) ? 'response' : 'event';
    return schemaBreaks(before, after, '', direction).map((one) => breakOf({ ...one, hurts }, address));
  });
}

function withWaivers(found: readonly Break[], waivers: readonly Waiver[]): Comparison {
  const isFor = ({ address, field, kind }: Waiver, one: Break): boolean =>
    address === addressOf(one) && field === one.field && kind === one.kind;
  const unused = waivers.find((waiver) => !found.some((one) => isFor(waiver, one)));
  if (unused !== undefined)
    throw new ContractsInputError(
      `the waiver in line ${unused.line} matches no breaking change: remove the line, or name the change as the gate does`,
    );
  return {
    breaks: found.filter((one) => !waivers.some((waiver) => isFor(waiver, one))),
    waived: found.flatMap((one) => {
      const waiver = waivers.find((each) => isFor(each, one));
      return waiver === undefined ? [] : [{ break: one, reason: waiver.reason }];
    }),
  };
}

function refuseUnknownVersions({ operations, messages }: Contracts): void {
  for (const [what, all] of [
    ['operation', operations],
    ['message', messages],
  ] as const)
    for (const [address, { deprecated }] of Object.entries(all)) {
      const { name } = splitAddress(address);
      if (deprecated !== undefined && all[`${name}@${deprecated.use}`] === undefined)
        throw new ContractsInputError(
          `${what} ${address} is deprecated in favour of version ${deprecated.use}, which does not exist: name one that does`,
        );
    }
}
