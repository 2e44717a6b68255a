import type { Manifest, Rule } from '../manifest.ts';
import { containersOf, ofKind, specOf, workloadsOf, type Workload } from '../workload.ts';

const HASH = /-[a-z0-9]{10}$/;

/** Requires a new object for each change of settings, so that it rolls out and back together with its pods. */
export const immutable: Rule = {
  name: 'immutable',
  states: 'each ConfigMap and Secret is immutable and has its hash in its name',
  check: (manifests) =>
    ofKind(manifests, 'ConfigMap', 'Secret').flatMap((on) => [
      ...((on as { immutable?: boolean }).immutable === true
        ? []
        : [{ on, message: 'immutable must be true' }]),
      ...(HASH.test(on.metadata.name)
        ? []
        : [{ on, message: 'must come from a generator, with a hash in its name' }]),
    ]),
};

/** Requires that the objects a pod refers to are among the manifests, or made by an operator from them. */
export const references: Rule = {
  name: 'references',
  states: 'each ConfigMap and Secret that a pod reads is created by these manifests',
  check(manifests) {
    const known = new Set(manifests.flatMap(providedBy));
    return workloadsOf(manifests).flatMap((workload) =>
      referencesOf(workload)
        .filter((name) => !known.has(`${name.split(' ')[0]} ${workload.namespace}/${name.split(' ')[1]}`))
        .map((name) => ({ on: workload.manifest, message: `no manifest creates the ${name}` })),
    );
  },
};

/** Returns names of ConfigMaps and Secrets that a manifest, or its operator, creates. */
function providedBy(manifest: Manifest): string[] {
  const { kind, metadata } = manifest;
  const at = (name: string): string => `Secret ${metadata.namespace}/${name}`;
  switch (kind) {
    case 'ConfigMap':
    case 'Secret':
      return [`${kind} ${metadata.namespace}/${metadata.name}`];
    case 'ExternalSecret':
      return [at(specOf<{ target?: { name?: string } }>(manifest).target?.name ?? metadata.name)];
    case 'Certificate':
      return [at(specOf<{ secretName: string }>(manifest).secretName)];
    case 'KafkaUser':
      return [at(metadata.name)];
    case 'Kafka':
      return [at(`${metadata.name}-cluster-ca-cert`)];
    case 'Cluster':
      return [at(`${metadata.name}-app`)];
    default:
      return [];
  }
}

/** Returns the objects that a pod reads, as `Secret NAME` and `ConfigMap NAME`. */
export function referencesOf(workload: Workload): string[] {
  const ofVolumes = (workload.pod.volumes ?? []).flatMap(({ configMap, secret, projected }) => [
    ...(configMap === undefined ? [] : [`ConfigMap ${configMap.name}`]),
    ...(secret === undefined ? [] : [`Secret ${secret.secretName}`]),
    ...(projected?.sources ?? []).flatMap((source) => [
      ...(source.secret === undefined ? [] : [`Secret ${source.secret.name}`]),
      ...(source.configMap === undefined ? [] : [`ConfigMap ${source.configMap.name}`]),
    ]),
  ]);
  const ofContainers = containersOf(workload).flatMap(({ env = [], envFrom = [] }) => [
    ...envFrom.flatMap(({ configMapRef, secretRef }) => [
      ...(configMapRef === undefined ? [] : [`ConfigMap ${configMapRef.name}`]),
      ...(secretRef === undefined ? [] : [`Secret ${secretRef.name}`]),
    ]),
    ...env.flatMap(({ valueFrom }) => [
      ...(valueFrom?.configMapKeyRef === undefined ? [] : [`ConfigMap ${valueFrom.configMapKeyRef.name}`]),
      ...(valueFrom?.secretKeyRef === undefined ? [] : [`Secret ${valueFrom.secretKeyRef.name}`]),
    ]),
  ]);
  return [...new Set([...ofVolumes, ...ofContainers])];
}

/** Matches names of secrets, but not those of files or of other kinds of keys. */
const SECRET_NAME = /PASSWORD|SECRET|PRIVATE|(^|_)TOKEN$|(^|_)KEYS?$/;
/** `scheme://user:password@…` */
const CREDENTIALS = /\/\/[^/\s:@]+:[^/\s@]+@/;

/** Requires that secret values are in Secrets, which are accessible to their pod alone. */
export const secrets: Rule = {
  name: 'secrets',
  states:
    'ConfigMaps and the environment in manifests contain no secrets, and mounted secrets are not readable by others',
  check(manifests) {
    const settings = ofKind(manifests, 'ConfigMap').flatMap((on) =>
      Object.entries((on as { data?: Record<string, string> }).data ?? {})
        .filter(([name, value]) => isSecret(name, value))
        .map(([name]) => ({ on, message: `${name} belongs in a Secret` })),
    );
    const workloads = workloadsOf(manifests).flatMap((workload) => {
      const { manifest: on, pod } = workload;
      const literals = containersOf(workload).flatMap(({ env = [] }) =>
        env.filter(({ name, value }) => value !== undefined && isSecret(name, value)),
      );
      const open = (pod.volumes ?? []).filter(({ secret, projected }) => {
        const holdsSecrets = projected?.sources?.some((source) => source.secret !== undefined) === true;
        const mode = secret?.defaultMode ?? projected?.defaultMode ?? 0o644;
        return (secret !== undefined || holdsSecrets) && (mode & 0o007) !== 0;
      });
      return [
        ...literals.map(({ name }) => ({ on, message: `${name} must come from a Secret` })),
        ...open.map(({ name }) => ({ on, message: `the volume ${name} must have defaultMode 0440 or less` })),
      ];
    });
    return [...settings, ...workloads];
  },
};

function isSecret(name: string, value: string): boolean {
  return SECRET_NAME.test(name) || CREDENTIALS.test(value) || /-----BEGIN [A-Z ]*PRIVATE KEY/.test(value);
}

/** Requires that each resource is unique, and in a namespace that is created too. */
export const identity: Rule = {
  name: 'identity',
  states: 'each resource is defined once, in a namespace that the manifests define',
  check(manifests) {
    const namespaces = new Set(ofKind(manifests, 'Namespace').map(({ metadata: { name } }) => name));
    const seen = new Set<string>();
    return manifests.flatMap((on) => {
      const { apiVersion, kind, metadata } = on;
      const key = `${apiVersion} ${kind} ${metadata.namespace}/${metadata.name}`;
      const isTwice = seen.has(key);
      seen.add(key);
      const { namespace } = metadata;
      const isAstray = namespace === undefined ? !CLUSTER_WIDE.has(kind) : !namespaces.has(namespace);
      return [
        ...(isTwice ? [{ on, message: 'is defined twice' }] : []),
        ...(isAstray
          ? [
              {
                on,
                message:
                  namespace === undefined
                    ? 'has no namespace'
                    : `no manifest defines the namespace ${namespace}`,
              },
            ]
          : []),
      ];
    });
  },
};

const CLUSTER_WIDE = new Set([
  'Namespace',
  'PriorityClass',
  'ClusterIssuer',
  'ClusterSecretStore',
  'ClusterRole',
  'ClusterRoleBinding',
  'StorageClass',
]);
