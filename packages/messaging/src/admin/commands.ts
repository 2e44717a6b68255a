/** The operator's commands, with what each does. */
export const adminCommands = {
  republish:
    'publish again all records of a lost topic that this outbox still has; --since TIME: only newer ones',
  'start-over': 'make this service read the topic from its beginning; a running service restarts',
  quarantine: 'list the quarantined messages of the topic without their content, a line of JSON each',
  release: 'publish quarantined messages to the topic again; --offset N: only those at these offsets',
  'publish-certificate':
    "publish the root's certificate of a registrar, from stdin, on the key topic: revokes one",
} as const;

export type AdminCommand = keyof typeof adminCommands;
