import type { KafkaAccess, KafkaOperation } from '@tallystick/contracts';
import { createKafka, ensureTopics } from '@tallystick/messaging';
import { createLogger } from '@tallystick/telemetry';
import kafkajs, { type AclEntry, type AclOperationTypes, type Admin } from 'kafkajs';
import type { BackingServices } from '../backing-services.ts';
import { until } from '../until.ts';

const RIGHTS_WITHIN_MS = 15_000;

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
    // A broker learns of new rights a moment later; until then it refuses what they allow.
    if (!(await until(async () => (await countAcls(admin)) >= acl.length, RIGHTS_WITHIN_MS)))
      throw new Error(`the brokers did not learn of the access rights within ${RIGHTS_WITHIN_MS} ms`);
  } finally {
    await admin.disconnect();
  }
}

/** Returns the number of access rights that the asked broker knows. */
async function countAcls(admin: Admin): Promise<number> {
  const { resources } = await admin.describeAcls({
    resourceType: AclResourceTypes.ANY,
    resourcePatternType: ResourcePatternTypes.ANY,
    operation: operationTypes.ANY,
    permissionType: AclPermissionTypes.ANY,
  });
  return resources.reduce((sum, { acls }) => sum + acls.length, 0);
}

// these names are not found by Node's detection of named exports
const {
  AclOperationTypes: operationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ResourcePatternTypes,
} = kafkajs;

const OPERATIONS: Record<KafkaOperation, AclOperationTypes> = {
  Create: operationTypes.CREATE,
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
