import type { KafkaAccess, KafkaOperation } from '@tallystick/contracts';
import { createKafka, ensureTopics } from '@tallystick/messaging';
import { createLogger } from '@tallystick/telemetry';
import kafkajs, { type AclEntry, type AclOperationTypes } from 'kafkajs';
import type { BackingServices } from '../backing-services.ts';

/**
 * Creates every topic of contracts, and the access rights of each user if Kafka authenticates users.
 *
 * @param prefix prefix of each topic name
 * @param access all rights of each user
 */
export async function prepareKafka(
  { kafka: connection, security }: BackingServices,
  prefix: string,
  access: ReadonlyMap<string, readonly KafkaAccess[]>,
): Promise<void> {
  const logger = createLogger({ service: 'stack', level: 'silent', confidentialFields: [] });
  const kafka = createKafka({ ...connection, clientId: 'stack', logger });
  await ensureTopics(kafka, { prefix });
  if (security === undefined) return;
  const admin = kafka.admin();
  await admin.connect();
  try {
    const acl = [...access].flatMap(([user, list]) => list.flatMap((one) => aclEntries(user, one)));
    await admin.createAcls({ acl });
  } finally {
    await admin.disconnect();
  }
}

// these names are not found by Node's detection of named exports
const {
  AclOperationTypes: operationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ResourcePatternTypes,
} = kafkajs;

const OPERATIONS: Record<KafkaOperation, AclOperationTypes> = {
  Read: operationTypes.READ,
  Write: operationTypes.WRITE,
  Describe: operationTypes.DESCRIBE,
  Delete: operationTypes.DELETE,
};

function aclEntries(user: string, { resource, name, pattern, operations }: KafkaAccess): AclEntry[] {
  return operations.map((operation) => ({
    principal: `User:${user}`,
    host: '*',
    operation: OPERATIONS[operation],
    permissionType: AclPermissionTypes.ALLOW,
    resourceType: resource === 'topic' ? AclResourceTypes.TOPIC : AclResourceTypes.GROUP,
    resourceName: name,
    resourcePatternType: pattern === 'prefix' ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
  }));
}
