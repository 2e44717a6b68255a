import { broken, container, payment, pod, sound, without, type Case } from './sound.ts';

/** Violations by pods, their configuration and their network. */
export const podCases: readonly Case[] = [
  [
    'identity',
    'no manifest defines the namespace elsewhere',
    payment((one) => (one.metadata.namespace = 'elsewhere')),
  ],
  ['identity', 'is defined twice', [...sound(), sound()[6]!]],
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
];
