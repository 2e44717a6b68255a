import type { ErrorDefinition } from './error-definition.ts';

/** Errors of versions. */
export const versionErrors = {
  'interface.retired': {
    status: 410,
    title: 'Version retired',
    retry: false,
    action: 'Use the version that the documents name.',
  },
} as const satisfies Record<string, ErrorDefinition>;
