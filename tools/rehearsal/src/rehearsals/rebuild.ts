import { setTimeout as delay } from 'node:timers/promises';
import { bringBack, type World } from '@tallystick/chaos';
import type { ServiceName, TopicName } from '@tallystick/contracts';
import { deleteTopic, ensureTopics, runAdminCommand } from '@tallystick/messaging';
import type { Rehearsal } from './rehearsal.ts';

/** What is asked of the ledger is lost, while it has not read all of it. */
export const rebuildCommands = rebuild('rebuild-commands', {
  topic: 'account.commands.v1',
  writers: ['payment', 'card'],
  readers: ['account'],
});

/** What the ledger did is lost, while nobody has heard all of it. */
export const rebuildEvents = rebuild('rebuild-events', {
  topic: 'account.events.v1',
  writers: ['account'],
  readers: ['payment', 'card'],
});

export const rebuildKeys: Rehearsal = {
  name: 'rebuild-keys',
  does: 'the key topic is lost; auth says anew at its start which keys there are',
  async run(world, pauseMs) {
    await delay(pauseMs);
    await lose(world, 'auth.keys.v1');
    await delay(pauseMs);
    await bringBack(world, 'auth');
    // It becomes ready once it has read who may be trusted.
    await bringBack(world, 'payment');
    await delay(pauseMs);
    return [];
  },
};

function rebuild(
  name: string,
  { topic, writers, readers }: { topic: TopicName; writers: ServiceName[]; readers: ServiceName[] },
): Rehearsal {
  return {
    name,
    does: `${topic} is lost with records that were not read; the outboxes of its writers publish it again`,
    async run(world, pauseMs) {
      await delay(pauseMs);
      world.say(`Stopping ${readers.join(' and ')}, so that records wait`);
      await Promise.all(readers.map((service) => world.parts[service].stop()));
      await delay(pauseMs);
      await lose(world, topic);
      for (const service of readers) await ask(world, service, ['start-over', topic]);
      for (const service of writers) await ask(world, service, ['republish', topic]);
      await Promise.all(readers.map((service) => bringBack(world, service)));
      world.say('The services are back');
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

/** Runs an operator's command in the surroundings of a service. */
async function ask({ stack, say }: World, service: ServiceName, args: string[]): Promise<void> {
  const env = {
    KAFKA_BROKERS: stack.kafka.brokers.join(','),
    TOPIC_PREFIX: stack.kafka.topicPrefix,
    POSTGRES_URL: stack.postgres[service],
  };
  await runAdminCommand(args, env, (line) => say(`  ${service}: ${args.join(' ')}: ${line}`));
}
