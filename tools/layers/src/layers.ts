import {
  jose,
  kafkajs,
  keysOfNode,
  nodeModules,
  otherWorkspaceByPath,
  outsideItsFolder,
  rooms,
  securityButTypes,
  transports,
  workspacesBut,
  type Ban,
} from './bans.ts';

/** Some files, and their banned imports. For a file in several layers, the last one decides. */
export interface Layer {
  files: readonly string[];
  /** A file of the layer, in which a test violates each ban. */
  example: string;
  bans: readonly Ban[];
}

/** The workspaces that each package may import. Dependencies have one direction: contracts is at the bottom. */
const packages: Record<string, readonly string[]> = {
  audit: ['contracts', 'postgres'],
  client: ['contracts'],
  config: [],
  contracts: [],
  interfaces: ['contracts'],
  pages: [],
  postgres: [],
  telemetry: [],
  security: ['config', 'contracts'],
  http: ['audit', 'config', 'contracts', 'interfaces', 'pages', 'postgres', 'security', 'telemetry'],
  messaging: ['audit', 'config', 'contracts', 'postgres', 'security', 'telemetry'],
  producer: ['config', 'contracts', 'messaging', 'security', 'telemetry'],
  service: [
    'audit',
    'config',
    'contracts',
    'http',
    'interfaces',
    'messaging',
    'postgres',
    'security',
    'telemetry',
  ],
};
const libraries = Object.keys(packages);

/** Packages that may import a module that others may not. */
const exceptions: Record<string, readonly Ban[]> = {
  messaging: [kafkajs],
  // It checks that a PEM file contains a key.
  config: [keysOfNode],
  security: [jose, keysOfNode],
};

const packageLayers: Layer[] = Object.entries(packages).map(([name, allowed]) => ({
  files: [`packages/${name}/src/**`],
  example: `packages/${name}/src/example.ts`,
  bans: [
    workspacesBut(
      allowed,
      allowed.length === 0
        ? `packages/${name} must not depend on other workspaces.`
        : `packages/${name} may depend only on ${allowed.join(', ')}.`,
    ),
    otherWorkspaceByPath,
    ...[kafkajs, jose, keysOfNode].filter((ban) => exceptions[name]?.includes(ban) !== true),
    ...(['client', 'contracts', 'security'].includes(name) ? [transports] : []),
  ],
}));

const ofServices: readonly Ban[] = [
  workspacesBut(
    libraries,
    'A service may depend on packages, but not on tools or other services; services communicate over Kafka.',
  ),
  otherWorkspaceByPath,
  kafkajs,
  jose,
  keysOfNode,
];

/** Services whose use cases access their tables through an injected store. */
const withStores = ['account', 'card', 'payment'];

const serviceLayers: Layer[] = [
  { files: ['services/*/src/**'], example: 'services/card/src/example.ts', bans: ofServices },
  {
    files: ['services/*/src/domain/**'],
    example: 'services/card/src/domain/example.ts',
    bans: [
      workspacesBut(
        ['contracts', 'security'],
        'A domain may depend only on contracts, and on types of security.',
      ),
      securityButTypes,
      outsideItsFolder,
      nodeModules,
      transports,
      jose,
    ],
  },
  {
    files: withStores.map((service) => `services/${service}/src/app/**`),
    example: 'services/card/src/app/example.ts',
    bans: [
      ...ofServices,
      rooms(['store', 'http', 'messages'], 'A use case accesses its tables through an injected store.'),
    ],
  },
  {
    files: ['services/*/src/store/**'],
    example: 'services/card/src/store/example.ts',
    bans: [...ofServices, rooms(['http', 'messages'], 'A store must not depend on its callers.')],
  },
  {
    files: ['services/*/src/http/**'],
    example: 'services/card/src/http/example.ts',
    bans: [...ofServices, rooms(['messages'], 'Routes and message handlers share code through app/.')],
  },
  {
    files: ['services/*/src/messages/**'],
    example: 'services/card/src/messages/example.ts',
    bans: [...ofServices, rooms(['http'], 'Routes and message handlers share code through app/.')],
  },
];

const toolLayers: Layer[] = [
  {
    files: ['tools/*/src/**'],
    example: 'tools/demo/src/example.ts',
    bans: [otherWorkspaceByPath, kafkajs, jose],
  },
  {
    files: ['tools/stack/src/**'],
    example: 'tools/stack/src/example.ts',
    bans: [otherWorkspaceByPath, jose],
  },
];

/** The layers of the repository, from the general to the specific. */
export const layers: readonly Layer[] = [...packageLayers, ...serviceLayers, ...toolLayers];

/** The packages with a layer; the rules cover no other package. */
export const layeredPackages: readonly string[] = libraries;
