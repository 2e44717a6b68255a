import { describe, expect, test } from '@jest/globals';
import {
  consumedTopics,
  operatorKafkaAccess,
  replayedTopics,
  serviceKafkaAccess,
  services,
  topics,
} from '@tallystick/contracts';
import { generatedFiles, yamlOf } from '../src/generate/generated-files.ts';
import { producerKafkaUser } from '../src/generate/users.ts';
import { parseManifests } from '../src/manifest.ts';
import { createValidator } from '../src/schemas/validate.ts';

/** The content of a generated file. */
function file(name: string): string {
  const found = Object.entries(generatedFiles()).find(([path]) => path.endsWith(`/${name}`));
  if (found === undefined) throw new Error(`there is no generated ${name}`);
  return found[1];
}

/** `Write auth.keys.v1` for all that a service may do to topics. */
function onTopics(service: (typeof services)[number]): string[] {
  return serviceKafkaAccess(service)
    .filter(({ resource }) => resource === 'topic')
    .flatMap(({ name, operations }) => operations.map((operation) => `${operation} ${name}`));
}

describe('what is made from contracts', () => {
  test('is valid to the operator', () => {
    const validate = createValidator();
    expect(Object.values(generatedFiles()).flatMap(parseManifests).flatMap(validate)).toEqual([]);
  });

  test('holds every topic, and the quarantine of each that is not compacted', () => {
    const made = parseManifests(file('topics.yaml')).map(({ metadata: { name } }) => name);
    const wanted = Object.entries(topics).flatMap(([name, { cleanup }]) =>
      cleanup === 'compacted' ? [name] : [name, `${name}.quarantine`],
    );
    expect(made.toSorted()).toEqual(wanted.toSorted());
  });
});

describe('who may do what on Kafka', () => {
  test('a service reads what it handles, the key topic, and what it replays of its own', () => {
    for (const service of services) {
      const reads = onTopics(service).filter((one) => one.startsWith('Read '));
      expect(reads.toSorted()).toEqual(
        [...new Set(['auth.keys.v1', ...consumedTopics(service), ...replayedTopics(service)])]
          .map((topic) => `Read ${topic}`)
          .toSorted(),
      );
    }
  });

  test('only auth writes keys, and only the owner of a topic its events', () => {
    const writers = (topic: string) =>
      services.filter((service) => onTopics(service).includes(`Write ${topic}`));
    expect(writers('auth.keys.v1')).toEqual(['auth']);
    expect(writers('account.events.v1')).toEqual(['account']);
    expect(writers('payment.events.v1')).toEqual(['payment']);
    expect(writers('account.commands.v1')).toEqual(['card', 'payment']);
    expect(writers('payment.commands.v1')).toEqual([]);
  });

  test('a consumer may set aside what it refuses', () => {
    expect(onTopics('payment')).toEqual(
      expect.arrayContaining([
        'Write payment.commands.v1.quarantine',
        'Write account.events.v1.quarantine',
        'Write card.events.v1.quarantine',
      ]),
    );
  });

  test('an operator reads every quarantine, writes where a service sets anything aside, and no more', () => {
    const made = parseManifests(file('topics.yaml')).map(({ metadata: { name } }) => name);
    const access = operatorKafkaAccess();
    const having = (operation: 'Read' | 'Write') =>
      access
        .filter(({ resource, operations }) => resource === 'topic' && operations.includes(operation))
        .map(({ name }) => name)
        .toSorted();
    expect(having('Read')).toEqual(made.filter((name) => name.endsWith('.quarantine')).toSorted());
    expect(having('Write')).toEqual(
      [...new Set(services.flatMap((service) => consumedTopics(service)))].toSorted(),
    );
    expect(access.filter(({ resource }) => resource === 'group')).toEqual([
      { resource: 'group', name: 'admin.', pattern: 'prefix', operations: ['Read', 'Describe'] },
    ]);
  });

  test('a third party writes commands and reads what comes of them, and no more', () => {
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
      'topic card.events.v1: Read, Describe',
      'topic payment.commands.v1: Write, Describe',
      'topic payment.events.v1: Read, Describe',
    ]);
    expect(parseManifests(yamlOf([user])).flatMap(createValidator())).toEqual([]);
  });

  test.each(['payment', 'autoscaler', 'operator'])(
    'a third party takes the place of none of the system, such as %s',
    (id) => {
      expect(() => producerKafkaUser(id)).toThrow(/is a user of the system itself/);
    },
  );
});
