import type { KafkaAccess, KafkaOperation } from '@tallystick/contracts';
import { createKafka, ensureTopics } from '@tallystick/messaging';
import { createLogger } from '@tallystick/telemetry';
import kafkajs, { type AclEntry, type AclOperationTypes } from 'kafkajs';
import type { BackingServices } from '../backing-services.ts';

/**
 * Creates every topic of contracts, and, where Kafka asks who is speaking, says what each user may do.
 *
 * @param prefix stands before the name of each topic
 * @param access what each user may do, and nothing else
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

// not among the names that Node finds in this module by itself
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
