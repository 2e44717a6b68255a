import { breakKinds, type Break, type BreakKind } from '../compatibility/break-kinds.ts';
import { compareContracts } from '../compatibility/compare.ts';
import { changed } from '../compatibility/compare-operations.ts';
import { splitAddress, type Contracts, type MessageContract } from '../compatibility/contracts.ts';
import { CLIENT } from '../compatibility/parties.ts';
import { reads } from '../compatibility/reads.ts';
import { shortReleaseId, type DeclaredContracts } from './declared-contracts.ts';

const READER_FIRST = 'Deploy first a release of the reader that handles it';

/** Why a release cannot run beside another, in addition to the kinds of break; with what to do instead. */
export const conflictKinds = {
  'command.not_handled': `${READER_FIRST}.`,
  'version.not_handled': `${READER_FIRST}, or go on sending the version that it handles.`,
  'event.not_sent': 'Go on sending the event, or deploy first a release of the reader that does not need it.',
  'message.not_read': `${READER_FIRST}, or write the change in a new version.`,
} as const satisfies Record<string, string>;

export type ConflictKind = keyof typeof conflictKinds;

/** Why a release cannot run beside another one. The fields are those of {@link Break}. */
export interface Conflict extends Omit<Break, 'kind'> {
  kind: BreakKind | ConflictKind;
}

/** One of the two releases that are compared. */
interface Side {
  contracts: DeclaredContracts;
  name: string;
}

/**
 * Lists why a release of a service cannot run beside another release. A receiver must handle each command in the version in
 * which it is sent; an event must be sent in a version that its readers handle; the one must read what the other writes.
 * Beside a release of the same service, clients must find everything that they use.
 * @param candidate the contracts of the release that wants to run
 * @param running a release that runs
 * @param on the day, for sunsets: YYYY-MM-DD
 */
export function conflictsBetween(
  candidate: DeclaredContracts,
  running: { releaseId: string; contracts: DeclaredContracts },
  on: string,
): Conflict[] {
  const wants: Side = { contracts: candidate, name: `this release of ${candidate.service}` };
  const runs: Side = {
    contracts: running.contracts,
    name: `${running.contracts.service}, release ${shortReleaseId(running.releaseId)}`,
  };
  return [
    ...messageConflicts(wants, runs),
    ...messageConflicts(runs, wants),
    ...(candidate.service === running.contracts.service ? clientConflicts(runs, wants, on) : []),
  ];
}

/** Lists the conflicts about the messages from one side to the other. */
function messageConflicts(sender: Side, receiver: Side): Conflict[] {
  const sent = byType(sender.contracts, ({ from }) => from.includes(sender.contracts.service));
  const handled = byType(receiver.contracts, ({ to }) => to.includes(receiver.contracts.service));
  return [
    ...[...sent].flatMap(([type, versions]) =>
      isCommand(versions)
        ? commandConflicts(type, versions, handled.get(type), sender, receiver)
        : eventConflicts(type, versions, handled.get(type), sender, receiver),
    ),
    ...[...handled].flatMap(([type, versions]) => {
      const { from } = newestOf(versions).contract;
      const isMissed = !isCommand(versions) && from.includes(sender.contracts.service) && !sent.has(type);
      const detail = `${sender.name} does not send it`;
      return isMissed
        ? [conflict('event.not_sent', { type, version: newestOf(versions).version }, detail, receiver)]
        : [];
    }),
  ];
}

type Versions = ReadonlyMap<number, MessageContract>;

/** A command is sent in its newest version. If it is not handled, its sender is hurt. */
function commandConflicts(
  type: string,
  sent: Versions,
  handled: Versions | undefined,
  sender: Side,
  receiver: Side,
): Conflict[] {
  const { version, contract } = newestOf(sent);
  if (handled === undefined)
    return contract.to.includes(receiver.contracts.service)
      ? [conflict('command.not_handled', { type, version }, `${receiver.name} does not handle it`, sender)]
      : [];
  const read = handled.get(version);
  if (read === undefined)
    return [conflict('version.not_handled', { type, version }, versionsOf(handled, receiver), sender)];
  return contractConflicts({ type, version }, contract, read, sender);
}

/** An event is sent in each of its versions. If no version is read, its reader is hurt. */
function eventConflicts(
  type: string,
  sent: Versions,
  handled: Versions | undefined,
  sender: Side,
  receiver: Side,
): Conflict[] {
  if (handled === undefined) return [];
  const common = [...sent].filter(([version]) => handled.has(version));
  if (common.length === 0) {
    const { version } = newestOf(sent);
    return [conflict('version.not_handled', { type, version }, versionsOf(handled, receiver), receiver)];
  }
  return common.flatMap(([version, contract]) =>
    contractConflicts({ type, version }, contract, handled.get(version)!, receiver),
  );
}

interface Address {
  type: string;
  version: number;
}

function contractConflicts(
  address: Address,
  sent: MessageContract,
  handled: MessageContract,
  hurt: Side,
): Conflict[] {
  const differing = [
    ...changed('kind.changed', handled.kind, sent.kind),
    ...changed('topic.changed', handled.topic, sent.topic),
    ...changed('key.changed', handled.key, sent.key),
    ...changed('classification.changed', handled.classification, sent.classification),
  ];
  return [
    ...differing.map(({ kind, detail }) => ({
      ...conflict('message.not_read', address, detail, hurt),
      kind,
      instead: breakKinds[kind],
    })),
    ...reads(handled.data, sent.data, '/data').map(({ at, detail }) => ({
      ...conflict('message.not_read', address, detail, hurt),
      field: at,
    })),
  ];
}

function conflict(kind: ConflictKind, { type, version }: Address, detail: string, hurt: Side): Conflict {
  return {
    interface: `message ${type}`,
    version,
    field: '',
    kind,
    detail,
    hurts: hurt.name,
    instead: conflictKinds[kind],
  };
}

/** Lists the breaks of what clients use: the operations, and the messages from and to third parties. */
function clientConflicts({ contracts: runs }: Side, { contracts: wants }: Side, on: string): Conflict[] {
  return compareContracts(forClients(runs), forClients(wants), on).breaks;
}

function forClients({ operations, messages }: DeclaredContracts): Contracts {
  const theirs = Object.entries(messages).filter(([, { from, to }]) => [...from, ...to].includes(CLIENT));
  return {
    date: '',
    operations,
    messages: Object.fromEntries(theirs),
    topics: {},
    errors: {},
    minorUnits: {},
    wire: {},
    reserved: { interfaces: [], paths: [], topics: [], errors: [], fields: [] },
  };
}

function byType(
  { messages }: DeclaredContracts,
  isIts: (message: MessageContract) => boolean,
): Map<string, Versions> {
  const all = Object.entries(messages)
    .filter(([, contract]) => isIts(contract))
    .map(([address, contract]) => ({ ...splitAddress(address), contract }));
  return new Map(
    [...Map.groupBy(all, ({ name }) => name)].map(([name, versions]) => [
      name,
      new Map(versions.map(({ version, contract }) => [version, contract])),
    ]),
  );
}

function isCommand(versions: Versions): boolean {
  return newestOf(versions).contract.kind === 'command';
}

function newestOf(versions: Versions): { version: number; contract: MessageContract } {
  const version = Math.max(...versions.keys());
  return { version, contract: versions.get(version)! };
}

function versionsOf(versions: Versions, { name }: Side): string {
  return `${name} handles version ${[...versions.keys()].join(' and ')}`;
}
