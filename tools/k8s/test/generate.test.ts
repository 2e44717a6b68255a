import { describe, expect, test } from '@jest/globals';
import {
  consumedTopics,
  contractTopics,
  coreServices,
  type OperationDefinition,
  operatorKafkaAccess,
  quarantineOf,
  register,
  replayedTopics,
  scopesFor,
  serviceKafkaAccess,
  services,
  topics,
} from '@tallystick/contracts';
import { generatedFiles, yamlOf } from '../src/generate/generated-files.ts';
import { producerKafkaUser } from '../src/generate/users.ts';
import { routesOf } from '../src/ingress.ts';
import { parseManifests } from '../src/manifest.ts';
import { createValidator } from '../src/schemas/validate.ts';

/** The content of a generated file. */
function file(name: string): string {
  const found = Object.entries(generatedFiles()).find(([path]) => path.endsWith(`/${name}`));
  if (found === undefined) throw new Error(`there is no generated ${name}`);
  return found[1];
}

/** Returns all rights of a service on topics, e.g. `Write auth.keys.v1`. */
function onTopics(service: (typeof services)[number]): string[] {
  return serviceKafkaAccess(service)
    .filter(({ resource }) => resource === 'topic')
    .flatMap(({ name, operations }) => operations.map((operation) => `${operation} ${name}`));
}

describe('the files generated from contracts', () => {
  test('match the schema of the operator', () => {
    const validate = createValidator();
    const manifests = Object.entries(generatedFiles()).filter(([path]) =>
      /^infra\/kubernetes\/components\/(?!prometheus-single\/).*\.yaml$/.test(path),
    );
    expect(manifests.flatMap(([, content]) => parseManifests(content)).flatMap(validate)).toEqual([]);
  });

  test('contain every topic, and the quarantine of each that is not compacted', () => {
    const made = parseManifests(file('topics.yaml')).map(({ metadata: { name } }) => name);
    const wanted = Object.entries(topics).flatMap(([name, { cleanup }]) =>
      cleanup === 'compacted' ? [name] : [name, `${name}.quarantine`],
    );
    expect(made.toSorted()).toEqual(wanted.toSorted());
  });
});

describe('the hosts of the edge', () => {
  test('route every operation at the host of its callers, and no other operation there', () => {
    const routes = routesOf(parseManifests(file('ingresses.yaml')));
    for (const operation of Object.values<OperationDefinition>(register.operations)) {
      const { service } = operation;
      const isForCustomers = scopesFor('customer').includes(operation.scope);
      const host = `${service}${isForCustomers ? '' : '.operators'}.tallystick.example.com`;
      for (const { path } of Object.values(operation.versions)) {
        const called = path.replaceAll(/\{\w+\}/g, 'x');
        const hosts = routes.filter((one) => one.service === service && one.routes(called));
        expect([called, ...hosts.map((one) => one.host)]).toEqual([called, host]);
      }
    }
  });

  test.each([
    ['auth.tallystick.example.com', ['/login/x', '/oauth/token', '/.well-known/openid-configuration']],
    ['auth.operators.tallystick.example.com', ['/health/live', '/health/ready']],
    ['payment.operators.tallystick.example.com', ['/health/live', '/health/ready']],
  ])('route the pages and health at %s only', (host, paths) => {
    const [service = ''] = host.split('.');
    const routes = routesOf(parseManifests(file('ingresses.yaml'))).filter((one) => one.service === service);
    for (const path of paths) {
      const hosts = routes.filter((one) => one.routes(path)).map((one) => one.host);
      expect([path, ...hosts]).toEqual([path, host]);
    }
  });

  test.each(['/', '/health', '/HEALTH/LIVE', '/loginx', '/v1/accounts/x/freeze/'])(
    'do not route %s for customers',
    (path) => {
      const routes = routesOf(parseManifests(file('ingresses.yaml')));
      expect(routes.filter((one) => !one.host.includes('.operators.') && one.routes(path))).toEqual([]);
    },
  );
});

describe('access to Kafka', () => {
  test('lets a service read its consumed topics, keys, contracts, and the topics that it replays', () => {
    for (const service of coreServices) {
      const reads = onTopics(service).filter((one) => one.startsWith('Read '));
      expect(reads.toSorted()).toEqual(
        [
          ...new Set([
            'auth.keys.v1',
            ...contractTopics,
            ...consumedTopics(service),
            ...replayedTopics(service),
          ]),
        ]
          .map((topic) => `Read ${topic}`)
          .toSorted(),
      );
    }
  });

  test('lets only auth write keys, and only the owner of a topic its events', () => {
    const writers = (topic: string) =>
      coreServices.filter((service) => onTopics(service).includes(`Write ${topic}`));
    expect(writers('auth.keys.v1')).toEqual(['auth']);
    expect(writers('account.events.v1')).toEqual(['account']);
    expect(writers('card.events.v1')).toEqual(['card']);
    expect(writers('account.commands.v1')).toEqual(['card', 'payment']);
    expect(writers('payment.commands.v1')).toEqual([]);
  });

  test('lets the console read everything, and write only its own topics and those to which it releases', () => {
    const access = onTopics('console');
    const all = Object.entries(topics);
    expect(access).toEqual(
      expect.arrayContaining(
        all.flatMap(([topic, { cleanup }]) => [
          `Read ${topic}`,
          ...(cleanup === 'compacted' ? [] : [`Read ${quarantineOf(topic)}`]),
        ]),
      ),
    );
    const written = access.filter((one) => one.startsWith('Write ')).map((one) => one.slice('Write '.length));
    const consumed = coreServices.flatMap((service) => consumedTopics(service));
    expect(written.toSorted()).toEqual(
      [...new Set([...consumed, 'console.audit.v1', 'console.contracts.v1'])].toSorted(),
    );
  });

  test('lets a consumer quarantine refused messages', () => {
    expect(onTopics('payment')).toEqual(
      expect.arrayContaining([
        'Write payment.commands.v1.quarantine',
        'Write account.events.v1.quarantine',
        'Write card.events.v1.quarantine',
      ]),
    );
  });

  test('lets an operator read every quarantine and what runs, write to consumed topics, and do no more', () => {
    const made = parseManifests(file('topics.yaml')).map(({ metadata: { name } }) => name);
    const access = operatorKafkaAccess();
    const having = (operation: 'Read' | 'Write') =>
      access
        .filter(({ resource, operations }) => resource === 'topic' && operations.includes(operation))
        .map(({ name }) => name)
        .toSorted();
    expect(having('Read')).toEqual(
      made
        .filter(
          (name) => name.endsWith('.quarantine') || name.endsWith('.contracts.v1') || name === 'auth.keys.v1',
        )
        .toSorted(),
    );
    expect(having('Write')).toEqual(
      [...new Set(services.flatMap((service) => consumedTopics(service)))].toSorted(),
    );
    expect(access.filter(({ resource }) => resource === 'group')).toEqual([
      { resource: 'group', name: 'admin.', pattern: 'prefix', operations: ['Read', 'Describe'] },
      ...['account', 'card', 'payment'].map((name) => ({
        resource: 'group',
        name,
        pattern: 'literal',
        operations: ['Describe'],
      })),
    ]);
  });

  test('lets a third party write commands, read their outcomes, and do no more', () => {
    const user = producerKafkaUser('acme') as {
      spec: { authorization: { acls: { resource: { type: string; name: string }; operations: string[] }[] } };
    };
    const onResources = user.spec.authorization.acls.map(
      ({ resource: { type, name }, operations }) => `${type} ${name}: ${operations.join(', ')}`,
    );
    expect(onResources.toSorted()).toEqual([
      'group acme.keys.: Read, Describe, Delete',
      'group acme.reader.: Read, Describe',
      'topic auth.keys.v1: Read, Describe',
      'topic card.commands.v1: Write, Describe',
      'topic outcomes.v1.acme: Read, Describe',
      'topic payment.commands.v1: Write, Describe',
    ]);
    expect(parseManifests(yamlOf([user])).flatMap(createValidator())).toEqual([]);
  });

  test('limits the use of the brokers by a third party', () => {
    expect(producerKafkaUser('acme')).toHaveProperty('spec.quotas', {
      producerByteRate: 2_097_152,
      consumerByteRate: 8_388_608,
      requestPercentage: 10,
      controllerMutationRate: 1,
    });
  });

  test.each(['payment', 'autoscaler', 'operator'])(
    'refuses a third party with the name of a system user, such as %s',
    (id) => {
      expect(() => producerKafkaUser(id)).toThrow(/is a user of the system/);
    },
  );
});
