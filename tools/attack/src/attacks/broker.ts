import {
  clientPermissions,
  outcomesOf,
  producerKafkaAccess,
  quarantineOf,
  topics,
} from '@tallystick/contracts';
import { topicOf } from '@tallystick/demo';
import { createKafka, type Kafka } from '@tallystick/messaging';
import { kafkaOf, POWERLESS_PRODUCER, THIRD_PARTY } from '@tallystick/stack';
import { createLogger } from '@tallystick/telemetry';
import { verdict, type Attack, type Verdict } from '../attack.ts';
import type { World } from '../target/world.ts';

const REFUSED = 'TOPIC_AUTHORIZATION_FAILED';
const names = [
  ...Object.keys(topics).flatMap((name) => [name, quarantineOf(name)]),
  ...[THIRD_PARTY, POWERLESS_PRODUCER].map(outcomesOf),
];
const rights = producerKafkaAccess(THIRD_PARTY, clientPermissions());
const may = (topic: string, operation: 'Read' | 'Write'): boolean =>
  rights.some(({ name, operations }) => name === topic && operations.includes(operation));

/** The type of a topic in Kafka's protocol. */
const TOPIC = 2;

type Admin = ReturnType<Kafka['admin']>;
type AclEntry = Parameters<Admin['createAcls']>[0]['acl'][number];

/** Connects as a third party's own user of the broker. */
function kafkaAs({ stack }: World, id: string): Kafka {
  const user = stack.producers.find((one) => one.id === id)?.kafkaUser;
  const logger = createLogger({ service: 'attack', level: 'silent', confidentialFields: [] });
  return createKafka({ ...kafkaOf(stack, user), clientId: id, logger });
}

async function write(world: World, id: string, topic: string): Promise<string> {
  const producer = kafkaAs(world, id).producer({ allowAutoTopicCreation: false });
  await producer.connect();
  try {
    return await codeOf(() =>
      producer.send({ topic: topicOf(world, topic), messages: [{ value: 'let me in' }] }),
    );
  } finally {
    await producer.disconnect();
  }
}

async function onAdmin(world: World, id: string, work: (admin: Admin) => Promise<unknown>): Promise<string> {
  const admin = kafkaAs(world, id).admin();
  await admin.connect();
  try {
    return await codeOf(() => work(admin));
  } finally {
    await admin.disconnect();
  }
}

/** The forms in which the client tells the broker's error code. */
interface RefusedByBroker {
  name: string;
  type?: string;
  cause?: { type?: string };
  errors?: { type?: string }[];
  groups?: { error?: { type?: string } }[];
}

/** Returns the broker's error code, or `done`. */
async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return 'done';
  } catch (error) {
    const { type, cause, errors, groups, name } = error as RefusedByBroker;
    return type ?? cause?.type ?? errors?.[0]?.type ?? groups?.[0]?.error?.type ?? name;
  }
}

/** Reads where a third party may: it is connected with its password, and has its rights. */
const honest: Attack['control'] = async (world): Promise<Verdict> =>
  verdict(
    'done',
    await onAdmin(world, THIRD_PARTY, (admin) =>
      admin.fetchTopicOffsets(topicOf(world, outcomesOf(THIRD_PARTY))),
    ),
  );

const readGroup = (world: World, groupId: string): Promise<string> =>
  onAdmin(world, THIRD_PARTY, (admin) => admin.fetchOffsets({ groupId }));

const readsItsOwnGroup: Attack['control'] = async (world) =>
  verdict('done', await readGroup(world, `${THIRD_PARTY}.reader.attack`));

const writes: Attack[] = names
  .filter((topic) => !may(topic, 'Write'))
  .map((topic) => ({
    name: `broker.write-${topic}`,
    on: topic,
    control: honest,
    run: async (world) => verdict(REFUSED, await write(world, THIRD_PARTY, topic)),
  }));

const reads: Attack[] = names
  .filter((topic) => !may(topic, 'Read') && !may(topic, 'Write'))
  .map((topic) => ({
    name: `broker.read-${topic}`,
    on: topic,
    control: honest,
    run: async (world) =>
      verdict(
        REFUSED,
        await onAdmin(world, THIRD_PARTY, (admin) => admin.fetchTopicOffsets(topicOf(world, topic))),
      ),
  }));

const orders = 'payment.commands.v1';

const others: Attack[] = [
  {
    name: 'broker.write-without-permission',
    on: orders,
    control: honest,
    run: async (world) => verdict(REFUSED, await write(world, POWERLESS_PRODUCER, orders)),
  },
  {
    name: 'broker.delete-a-topic',
    on: orders,
    control: honest,
    run: async (world) =>
      verdict(
        REFUSED,
        await onAdmin(world, THIRD_PARTY, (admin) =>
          admin.deleteTopics({ topics: [topicOf(world, orders)] }),
        ),
      ),
  },
  {
    name: 'broker.create-a-topic',
    on: 'a new topic',
    control: honest,
    run: async (world) =>
      verdict(
        REFUSED,
        await onAdmin(world, THIRD_PARTY, (admin) => admin.createTopics({ topics: [{ topic: 'acme.own' }] })),
      ),
  },
  {
    name: 'broker.shorten-the-retention',
    on: orders,
    control: honest,
    run: async (world) => {
      const configEntries = [{ name: 'retention.ms', value: '1' }];
      const resources = [{ type: TOPIC, name: topicOf(world, orders), configEntries }];
      const alter = (admin: Admin) => admin.alterConfigs({ resources, validateOnly: false });
      return verdict(REFUSED, await onAdmin(world, THIRD_PARTY, alter));
    },
  },
  {
    name: 'broker.grant-itself-rights',
    on: 'access rights',
    control: honest,
    run: async (world) =>
      verdict(
        'CLUSTER_AUTHORIZATION_FAILED',
        await onAdmin(world, THIRD_PARTY, (admin) => admin.createAcls({ acl: [everythingFor(THIRD_PARTY)] })),
      ),
  },
  {
    name: 'broker.read-the-group-of-a-service',
    on: 'consumer groups',
    control: readsItsOwnGroup,
    run: async (world) =>
      // The broker does not even tell where the group is.
      verdict('KafkaJSGroupCoordinatorNotFound', await readGroup(world, 'payment')),
  },
  {
    name: 'broker.delete-the-group-of-a-service',
    on: 'consumer groups',
    control: readsItsOwnGroup,
    run: async (world) =>
      verdict(
        'KafkaJSGroupCoordinatorNotFound',
        await onAdmin(world, THIRD_PARTY, (admin) => admin.deleteGroups(['payment'])),
      ),
  },
  {
    name: 'broker.password-of-another',
    on: 'sign-in to the broker',
    control: honest,
    run: async ({ stack }) => {
      const userOf = (id: string) => stack.producers.find((one) => one.id === id)!.kafkaUser!;
      const mixed = { ...userOf(THIRD_PARTY), passwordFile: userOf(POWERLESS_PRODUCER).passwordFile };
      const logger = createLogger({ service: 'attack', level: 'silent', confidentialFields: [] });
      const admin = createKafka({ ...kafkaOf(stack, mixed), clientId: 'guess', logger }).admin();
      return verdict('KafkaJSSASLAuthenticationError', await codeOf(() => admin.connect()));
    },
  },
];

/** Returns the right to do everything on every topic, in the numbers of Kafka's protocol. */
function everythingFor(user: string): AclEntry {
  const [literal, everything, allow] = [3, 2, 3] as const;
  return {
    principal: `User:${user}`,
    host: '*',
    resourceType: TOPIC,
    resourceName: '*',
    resourcePatternType: literal,
    operation: everything,
    permissionType: allow,
  };
}

/** Attacks on the broker by the user of a third party, derived from the topics of contracts. */
export const brokerAttacks: readonly Attack[] = [...writes, ...reads, ...others];
