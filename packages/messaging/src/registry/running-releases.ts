import { ConfigurationError } from '@tallystick/config';
import { consumingServices, contractTopics, KEY_TOPIC, services } from '@tallystick/contracts';
import { keyringOfLastStatement, type SigningKey } from '@tallystick/security';
import type { Kafka } from '../kafka.ts';
import { declarationsIn, readTopics, type Declaration } from './declarations.ts';

/** The releases of all services that run. */
export interface RunningReleases {
  running: Declaration[];
  /** Releases that run and declared no contracts, each as a sentence. */
  undeclared: string[];
}

export interface RegistryOptions {
  /** Prefix of the consumer group that reads. */
  groupId: string;
  topicPrefix: string;
  /** Public JWKs of the root keys. */
  trustAnchors: readonly SigningKey['publicJwk'][];
}

/** Names a process of a release towards the brokers, and so among the members of its consumer group. */
export function clientIdOf(service: string, releaseId: string): string {
  return `${service}.${releaseId}`;
}

/**
 * Finds the releases of services that run. The processes of a service are the members of its consumer group, and each names
 * its release; the contracts of a release are on the service's topic, signed. If no process of a service runs, its newest
 * release counts, because that is the one that will be started again.
 * @throws ConfigurationError if the key topic has no snapshot that counts for these root keys
 * @throws if Kafka does not answer or refuses
 */
export async function findRunningReleases(kafka: Kafka, options: RegistryOptions): Promise<RunningReleases> {
  const [declared, members] = await Promise.all([
    readVerified(kafka, options),
    membersOfGroups(kafka, options.topicPrefix),
  ]);
  const found: RunningReleases = { running: [], undeclared: [] };
  for (const service of services) {
    const own = declared.filter((one) => one.service === service);
    const clientIds = new Set(members.get(service));
    if (clientIds.size === 0) found.running.push(...newestOf(own));
    for (const clientId of clientIds) {
      const release = own.find((one) => clientIdOf(service, one.releaseId) === clientId);
      if (release === undefined) found.undeclared.push(`a running ${service} declared no contracts`);
      else found.running.push(release);
    }
  }
  return found;
}

/** Reads the keys and what they signed at once: to join a group takes longer than to read. */
async function readVerified(kafka: Kafka, options: RegistryOptions): Promise<Declaration[]> {
  const { topicPrefix, trustAnchors } = options;
  const records = await readTopics(kafka, options, [KEY_TOPIC, ...contractTopics]);
  const isKey = ({ topic }: { topic: string }): boolean => topic === topicPrefix + KEY_TOPIC;
  const keyRecords = records.filter(isKey).map(({ value }) => value.toString('utf8'));
  // Nothing has run yet.
  if (keyRecords.length === 0) return [];
  const keyring = await keyringOfLastStatement(keyRecords, { trustAnchors });
  if (keyring === undefined)
    throw new ConfigurationError(
      `${KEY_TOPIC}: has no snapshot that counts for the keys of TRUST_ANCHORS_FILE`,
    );
  return declarationsIn(
    records.filter((record) => !isKey(record)),
    { keyring, topicPrefix },
  );
}

/** Returns the client ids of the members of each service's consumer group. */
async function membersOfGroups(kafka: Kafka, topicPrefix: string): Promise<Map<string, string[]>> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const { groups } = await admin.describeGroups(
      consumingServices().map((service) => topicPrefix + service),
    );
    return new Map(
      groups.map(({ groupId, members }) => [
        groupId.slice(topicPrefix.length),
        members.map(({ clientId }) => clientId),
      ]),
    );
  } finally {
    await admin.disconnect();
  }
}

function newestOf(declared: readonly Declaration[]): Declaration[] {
  return [...declared].sort((a, b) => (a.declaredAt < b.declaredAt ? 1 : -1)).slice(0, 1);
}
