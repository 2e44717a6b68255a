import { setTimeout as delay } from 'node:timers/promises';
import { bringBack, type World } from '@tallystick/chaos';
import type { CoreServiceName, TopicName } from '@tallystick/contracts';
import { deleteTopic, ensureTopics, runAdminCommand } from '@tallystick/messaging';
import type { Rehearsal } from './rehearsal.ts';

/** Loses commands to the ledger before it has read all of them. */
export const rebuildCommands = rebuild('rebuild-commands', {
  topic: 'account.commands.v1',
  writers: ['payment', 'card'],
  readers: ['account'],
});

/** Loses the ledger's events before their consumers have read all of them. */
export const rebuildEvents = rebuild('rebuild-events', {
  topic: 'account.events.v1',
  writers: ['account'],
  readers: ['payment', 'card'],
});

export const rebuildKeys: Rehearsal = {
  name: 'rebuild-keys',
  does: 'the key topic is lost; auth republishes all keys when it starts',
  async run(world, pauseMs) {
    await delay(pauseMs);
    await lose(world, 'auth.keys.v1');
    await delay(pauseMs);
    await bringBack(world, 'auth');
    // Payment becomes ready after it has read the trusted keys.
    await bringBack(world, 'payment');
    await delay(pauseMs);
    return [];
  },
};

function rebuild(
  name: string,
  { topic, writers, readers }: { topic: TopicName; writers: CoreServiceName[]; readers: CoreServiceName[] },
): Rehearsal {
  return {
    name,
    does: `${topic} is lost with unread records; its writers republish them from their outboxes`,
    async run(world, pauseMs) {
      await delay(pauseMs);
      world.say(`Stopping ${readers.join(' and ')}, so that records wait`);
      await Promise.all(readers.map((service) => world.parts[service].stop()));
      await delay(pauseMs);
      await lose(world, topic);
      for (const service of readers) await ask(world, service, ['start-over', topic]);
      for (const service of writers) await ask(world, service, ['republish', topic]);
      await Promise.all(readers.map((service) => bringBack(world, service)));
      world.say('The services are ready');
      await delay(pauseMs);
      return [];
    },
  };
}

async function lose({ kafka, stack, say }: World, name: TopicName): Promise<void> {
  say(`Losing ${name}`);
  const prefix = stack.kafka.topicPrefix ?? '';
  await deleteTopic(kafka, prefix + name);
  await ensureTopics(kafka, { prefix });
}

/** Runs an operator's command with the settings of a service. */
async function ask({ stack, say }: World, service: CoreServiceName, args: string[]): Promise<void> {
  const env = {
    KAFKA_BROKERS: stack.kafka.brokers.join(','),
    TOPIC_PREFIX: stack.kafka.topicPrefix,
    POSTGRES_URL: stack.postgres[service],
  };
  await runAdminCommand(args, env, (line) => say(`  ${service}: ${args.join(' ')}: ${line}`));
}
