import { buildCommand } from '@stricli/core';
import { OUTCOMES_PREFIX, topics, type TopicName } from '@tallystick/contracts';
import { adminCommands, type AdminCommand } from '@tallystick/messaging/admin/commands.ts';
import { oneOf } from '@tallystick/stack/command-line.ts';

export interface AdminFlags {
  since?: string;
  offset?: readonly string[];
}

const names = Object.keys(adminCommands) as AdminCommand[];
const width = Math.max(...names.map((name) => name.length));
const topicNames = Object.keys(topics) as TopicName[];

const oneOfTopics = oneOf(topicNames, 'topic');

/** Reads the name of a topic of the system, or of a third party's outcomes. */
const topicOf = (name: string): string => (name.startsWith(OUTCOMES_PREFIX) ? name : oneOfTopics(name));

export const adminCommand = buildCommand<AdminFlags, [AdminCommand, string?]>({
  loader: async () => (await import('./admin.ts')).admin,
  parameters: {
    flags: {
      since: {
        kind: 'parsed',
        parse: String,
        placeholder: 'time',
        brief: 'Republish only records newer than this time, for example 2026-11-25T18:00:00Z',
        optional: true,
      },
      offset: {
        kind: 'parsed',
        parse: String,
        variadic: ',',
        placeholder: 'N',
        brief: 'Release only the messages at these offsets of the quarantine',
        optional: true,
      },
    },
    positional: {
      kind: 'tuple',
      parameters: [
        {
          parse: oneOf(names, 'command'),
          proposeCompletions: () => names,
          placeholder: 'command',
          brief: names.join(', '),
        },
        {
          parse: topicOf,
          proposeCompletions: () => topicNames,
          placeholder: 'topic',
          brief: 'Topic, for example payment.commands.v1',
          optional: true,
        },
      ],
    },
  },
  docs: {
    brief: 'Operator commands on a topic: republish, list its quarantine, release a message',
    fullDescription: `Runs in the environment of a service (KAFKA_…, TOPIC_PREFIX, POSTGRES_URL or POSTGRES_URL_FILE; verify-audit:
TRUST_ANCHORS_FILE). In a container the
same commands are: node runtime/admin.js. The result is JSON.

${names.map((name) => `  ${name.padEnd(width)}  ${adminCommands[name]}`).join('\n')}`,
  },
});
