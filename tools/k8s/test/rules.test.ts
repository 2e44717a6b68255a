import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { checkManifests } from '../src/check-manifests.ts';
import { parseManifests, type Manifest, type Violation } from '../src/manifest.ts';
import { allRules } from '../src/rules/index.ts';
import { createValidator } from '../src/schemas/validate.ts';

const text = readFileSync(join(import.meta.dirname, 'sound.yaml'), 'utf8');
const validate = createValidator();
const rules = allRules();

/** The test that breaks a manifest knows its content. */
// oxlint-disable-next-line typescript/no-explicit-any
type Loose = any;

function check(manifests: readonly Manifest[]): Violation[] {
  return checkManifests(manifests, validate, rules);
}

/** Returns a fresh copy of the sound installation with one resource broken. */
function broken(kind: string, name: string, breakIt: (resource: Loose) => void): Manifest[] {
  const manifests = parseManifests(text);
  const resource = manifests.find((one) => one.kind === kind && one.metadata.name === name);
  if (resource === undefined) throw new Error(`sound.yaml has no ${kind} ${name}`);
  breakIt(resource);
  return manifests;
}

function without(kind: string, name: string): Manifest[] {
  return parseManifests(text).filter((one) => one.kind !== kind || one.metadata.name !== name);
}

const pod = (resource: Loose): Loose => resource.spec.template.spec;
const container = (resource: Loose): Loose => pod(resource).containers[0];
const payment = (breakIt: (deployment: Loose) => void): Manifest[] =>
  broken('Deployment', 'payment', breakIt);

test('a sound installation has no violations', () => {
  expect(check(parseManifests(text))).toEqual([]);
});

describe('the schemas', () => {
  test.each<[string, Manifest[], string]>([
    [
      'an unknown field of a kind',
      payment((one) => (pod(one).terminationGracePeriod = 30)),
      '/spec/template/spec/terminationGracePeriod is not a field of apps/v1/Deployment',
    ],
    [
      'a number where text belongs',
      payment((one) => (container(one).image = 7)),
      '/spec/template/spec/containers/0/image must be string',
    ],
    [
      'a missing required field',
      payment((one) => delete one.spec.selector),
      "/spec must have required property 'selector'",
    ],
    [
      'an unknown field of an operator',
      broken('KafkaTopic', 'payment.events.v1', (one) => (one.spec.partition = 3)),
      '/spec/partition is not a field of kafka.strimzi.io/v1/KafkaTopic',
    ],
    [
      'an unknown kind',
      broken('PriorityClass', 'high', (one) => (one.apiVersion = 'scheduling.k8s.io/v1beta1')),
      'no schema for scheduling.k8s.io/v1beta1/PriorityClass; npx tallystick k8s schemas imports it',
    ],
  ])('catch %s', (_what, manifests, message) => {
    expect(check(manifests)).toContainEqual({ rule: 'schema', resource: expect.any(String), message });
  });
});

const cases: [rule: string, message: string, manifests: Manifest[]][] = [
  [
    'identity',
    'no manifest defines the namespace elsewhere',
    payment((one) => (one.metadata.namespace = 'elsewhere')),
  ],
  ['identity', 'is defined twice', [...parseManifests(text), parseManifests(text)[6]!]],
  ['identity', 'has no namespace', payment((one) => delete one.metadata.namespace)],
  [
    'pod-security',
    'must have the label pod-security.kubernetes.io/enforce: restricted',
    broken('Namespace', 'tallystick', (one) => (one.metadata.labels = {})),
  ],
  ['pod-security', 'must not share a namespace of the node', payment((one) => (pod(one).hostPID = true))],
  [
    'pod-security',
    'must not mount a path of the node',
    payment((one) => pod(one).volumes.push({ name: 'etc', hostPath: { path: '/etc' } })),
  ],
  [
    'pod-security',
    'service: runAsNonRoot must be true',
    payment((one) => delete pod(one).securityContext.runAsNonRoot),
  ],
  [
    'pod-security',
    'service: runAsUser must be a number other than 0',
    payment((one) => (pod(one).securityContext.runAsUser = 0)),
  ],
  [
    'pod-security',
    'service: seccompProfile must be RuntimeDefault',
    payment((one) => (pod(one).securityContext.seccompProfile.type = 'Unconfined')),
  ],
  [
    'pod-security',
    'service: must not be privileged',
    payment((one) => (container(one).securityContext.privileged = true)),
  ],
  [
    'pod-security',
    'service: allowPrivilegeEscalation must be false',
    payment((one) => delete container(one).securityContext.allowPrivilegeEscalation),
  ],
  [
    'pod-security',
    'service: capabilities must drop ALL and add none',
    payment((one) => (container(one).securityContext.capabilities.add = ['NET_RAW'])),
  ],
  [
    'pod-security',
    'service: readOnlyRootFilesystem must be true',
    payment((one) => delete container(one).securityContext.readOnlyRootFilesystem),
  ],
  [
    'service-account',
    'automountServiceAccountToken must be false',
    payment((one) => delete pod(one).automountServiceAccountToken),
  ],
  [
    'service-account',
    'shares the ServiceAccount tallystick/broker',
    payment((one) => (pod(one).serviceAccountName = 'broker')),
  ],
  [
    'service-account',
    'no manifest defines the ServiceAccount tallystick/payment',
    without('ServiceAccount', 'payment'),
  ],
  ['service-links', 'enableServiceLinks must be false', payment((one) => delete pod(one).enableServiceLinks)],
  [
    'resources',
    'service: resources.limits.memory is missing',
    payment((one) => delete container(one).resources.limits.memory),
  ],
  ['priority', 'priorityClassName is missing', payment((one) => delete pod(one).priorityClassName)],
  ['priority', 'no manifest defines the PriorityClass high', without('PriorityClass', 'high')],
  [
    'images',
    'service: the image tallystick/payment:latest has no version tag',
    payment((one) => (container(one).image = 'tallystick/payment:latest')),
  ],
  [
    'images',
    'service: the image registry:5000/payment has no version tag',
    payment((one) => (container(one).image = 'registry:5000/payment')),
  ],
  ['autoscaling', 'has 0 autoscalers, but must have one', without('HorizontalPodAutoscaler', 'payment')],
  ['autoscaling', 'replicas must be set by the autoscaler only', payment((one) => (one.spec.replicas = 2))],
  ['probes', 'service: startupProbe is missing', payment((one) => delete container(one).startupProbe)],
  [
    'probes',
    'service: livenessProbe must use /health/live',
    payment((one) => (container(one).livenessProbe.httpGet.path = '/health/ready')),
  ],
  ['disruption', 'has 0 PodDisruptionBudgets, but must have one', without('PodDisruptionBudget', 'payment')],
  [
    'disruption',
    'maxUnavailable must allow at least one pod',
    broken('PodDisruptionBudget', 'payment', (one) => (one.spec.maxUnavailable = 0)),
  ],
  [
    'spread',
    'no topologySpreadConstraint spreads its pods over topology.kubernetes.io/zone',
    payment((one) => pod(one).topologySpreadConstraints.pop()),
  ],
  [
    'spread',
    'no topologySpreadConstraint spreads its pods over kubernetes.io/hostname',
    payment(
      (one) => (pod(one).topologySpreadConstraints[0].labelSelector = { matchLabels: { app: 'other' } }),
    ),
  ],
  [
    'termination',
    'terminationGracePeriodSeconds is 20, but must be at least 30',
    payment((one) => (pod(one).terminationGracePeriodSeconds = 20)),
  ],
  [
    'termination',
    'preStop must sleep at least 3 s, until no route leads to the pod',
    payment((one) => delete container(one).lifecycle),
  ],
  [
    'network-deny',
    'the namespace tallystick has no NetworkPolicy that denies Ingress and Egress of all pods',
    without('NetworkPolicy', 'default-deny'),
  ],
  [
    'network-narrow',
    'a rule must name its peers, and must not allow all',
    broken(
      'NetworkPolicy',
      'to-broker',
      (one) => (one.spec.egress[0].to = [{ ipBlock: { cidr: '0.0.0.0/0' } }]),
    ),
  ],
  [
    'network-narrow',
    'a rule must name its ports',
    broken('NetworkPolicy', 'to-broker', (one) => delete one.spec.egress[0].ports),
  ],
  [
    'network-paths',
    'allows payment to send to broker, but no policy allows the receiver to accept it',
    broken('NetworkPolicy', 'at-broker', (one) => (one.spec.ingress[0].ports[0].port = 9999)),
  ],
  [
    'immutable',
    'immutable must be true',
    broken('ConfigMap', 'payment-abcdef0123', (one) => delete one.immutable),
  ],
  [
    'immutable',
    'must come from a generator, with a hash in its name',
    broken('ConfigMap', 'payment-abcdef0123', (one) => (one.metadata.name = 'payment')),
  ],
  [
    'references',
    'no manifest creates the ConfigMap payment-abcdef0123',
    without('ConfigMap', 'payment-abcdef0123'),
  ],
  [
    'references',
    'no manifest creates the Secret payment-0123abcdef',
    without('Secret', 'payment-0123abcdef'),
  ],
  [
    'secrets',
    'POSTGRES_URL belongs in a Secret',
    broken(
      'ConfigMap',
      'payment-abcdef0123',
      (one) => (one.data.POSTGRES_URL = 'postgres://me:guess@db/payment'),
    ),
  ],
  [
    'secrets',
    'DB_PASSWORD must come from a Secret',
    payment((one) => container(one).env.push({ name: 'DB_PASSWORD', value: 'guess' })),
  ],
  [
    'secrets',
    'the volume keys must have defaultMode 0440 or less',
    payment((one) => delete pod(one).volumes[0].secret.defaultMode),
  ],
  ['migrations', 'has no Job that migrates its database', without('Job', 'payment-migration-1.2.3')],
  [
    'migrations',
    'MIGRATIONS must be await',
    broken('ConfigMap', 'payment-abcdef0123', (one) => delete one.data.MIGRATIONS),
  ],
  [
    'migrations',
    'must run the image of its service, tallystick/payment:1.2.4',
    payment((one) => (container(one).image = 'tallystick/payment:1.2.4')),
  ],
  [
    'migrations',
    'must have a name that ends with the tag of its image',
    broken('Job', 'payment-migration-1.2.3', (one) => (one.metadata.name = 'payment-migration')),
  ],
  [
    'migrations',
    'must not read the Secret payment-owner-0123456789 of the database owner',
    payment((one) => (pod(one).volumes[0].secret.secretName = 'payment-owner-0123456789')),
  ],
  [
    'settings',
    'must have one of POSTGRES_URL and POSTGRES_URL_FILE, but has 2',
    payment((one) => container(one).env.push({ name: 'POSTGRES_URL_FILE', value: '/run/tallystick/url' })),
  ],
  [
    'settings',
    'POSTGRES_SERVICE_ROLE is not set',
    broken('Job', 'payment-migration-1.2.3', (one) => container(one).env.pop()),
  ],
  [
    'settings',
    'ISSUER is not set',
    broken('ConfigMap', 'payment-abcdef0123', (one) => delete one.data.ISSUER),
  ],
  [
    'settings',
    'LOGLEVEL is not a setting of payment',
    payment((one) => container(one).env.push({ name: 'LOGLEVEL', value: 'info' })),
  ],
  [
    'settings',
    'SIGNING_KEY_FILE: no volume is mounted at /elsewhere/key',
    broken('ConfigMap', 'payment-abcdef0123', (one) => (one.data.SIGNING_KEY_FILE = '/elsewhere/key')),
  ],
  [
    'kafka',
    'the listener tls must have tls and authentication',
    broken('Kafka', 'kafka', (one) => (one.spec.kafka.listeners[0].tls = false)),
  ],
  [
    'kafka',
    'authorization must be simple',
    broken('Kafka', 'kafka', (one) => delete one.spec.kafka.authorization),
  ],
  [
    'kafka',
    'min.insync.replicas must be 2',
    broken('Kafka', 'kafka', (one) => (one.spec.kafka.config['min.insync.replicas'] = 1)),
  ],
  [
    'kafka',
    'auto.create.topics.enable must be false',
    broken('Kafka', 'kafka', (one) => delete one.spec.kafka.config['auto.create.topics.enable']),
  ],
  [
    'kafka',
    'replicas must be at least 3',
    broken('KafkaNodePool', 'brokers', (one) => (one.spec.replicas = 1)),
  ],
  [
    'kafka',
    'storage must be persistent',
    broken('KafkaNodePool', 'brokers', (one) => (one.spec.storage = { type: 'ephemeral' })),
  ],
  [
    'kafka',
    'must name each topic and group that it may use, and the operations',
    broken('KafkaUser', 'kafka-payment', (one) => (one.spec.authorization.acls[0].operations = ['All'])),
  ],
  [
    'postgres',
    'instances must be at least 3',
    broken('Cluster', 'payment-db', (one) => (one.spec.instances = 1)),
  ],
  [
    'postgres',
    'must archive its WAL for a backup',
    broken('Cluster', 'payment-db', (one) => delete one.spec.plugins),
  ],
  ['postgres', 'has no ScheduledBackup', without('ScheduledBackup', 'payment-db')],
  [
    'postgres',
    'resources must have requests and limits',
    broken('Cluster', 'payment-db', (one) => delete one.spec.resources.limits),
  ],
  [
    'postgres',
    'priorityClassName is missing',
    broken('Cluster', 'payment-db', (one) => delete one.spec.priorityClassName),
  ],
];

describe('the rules', () => {
  test.each(cases)('%s: %s', (rule, message, manifests) => {
    expect(check(manifests)).toContainEqual({ rule, resource: expect.any(String), message });
  });

  test('are each violated at least once', () => {
    expect(new Set(cases.map(([rule]) => rule))).toEqual(new Set(rules.map(({ name }) => name)));
  });
});
