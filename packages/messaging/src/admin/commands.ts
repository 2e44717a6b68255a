/** The operator's commands and their descriptions. */
export const adminCommands = {
  republish: "publish this service's outbox records of a lost topic again; --since TIME: only newer ones",
  'start-over': 'make this service read the topic from its beginning; a running one restarts',
  quarantine: 'list the quarantined messages of the topic without their content, a line of JSON each',
  release: 'publish quarantined messages to the topic again; --offset N: only those at these offsets',
  'verify-audit':
    'verify the audit of this service against its signed topic; status 1 if an entry does not fit',
  'publish-certificate':
    "publish the root's certificate of a registrar, from stdin, on the key topic: revokes one",
} as const;

export type AdminCommand = keyof typeof adminCommands;
