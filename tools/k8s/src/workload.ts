import { services } from '@tallystick/contracts';
import type { Manifest } from './manifest.ts';

/** The fields of a pod that rules read, as Kubernetes names them. The schemas have checked their types before. */
export interface PodSpec {
  serviceAccountName?: string;
  automountServiceAccountToken?: boolean;
  enableServiceLinks?: boolean;
  priorityClassName?: string;
  terminationGracePeriodSeconds?: number;
  hostNetwork?: boolean;
  hostPID?: boolean;
  hostIPC?: boolean;
  securityContext?: SecurityContext;
  topologySpreadConstraints?: { topologyKey: string; labelSelector?: Selector }[];
  initContainers?: Container[];
  containers: Container[];
  volumes?: Volume[];
}

export interface SecurityContext {
  runAsNonRoot?: boolean;
  runAsUser?: number;
  seccompProfile?: { type: string };
  privileged?: boolean;
  allowPrivilegeEscalation?: boolean;
  readOnlyRootFilesystem?: boolean;
  capabilities?: { drop?: string[]; add?: string[] };
}

export interface Container {
  name: string;
  image?: string;
  env?: { name: string; value?: string; valueFrom?: { secretKeyRef?: KeyRef; configMapKeyRef?: KeyRef } }[];
  envFrom?: { configMapRef?: { name: string }; secretRef?: { name: string } }[];
  securityContext?: SecurityContext;
  resources?: { requests?: Record<string, unknown>; limits?: Record<string, unknown> };
  startupProbe?: Probe;
  readinessProbe?: Probe;
  livenessProbe?: Probe;
  lifecycle?: { preStop?: { sleep?: { seconds: number } } };
  volumeMounts?: { name: string; mountPath: string }[];
}

interface KeyRef {
  name: string;
  key: string;
}

export interface Probe {
  httpGet?: { path?: string; scheme?: string };
  exec?: { command?: string[] };
  tcpSocket?: { port: number | string };
}

export interface Volume {
  name: string;
  hostPath?: object;
  configMap?: { name: string };
  secret?: { secretName: string; defaultMode?: number };
  projected?: {
    defaultMode?: number;
    sources?: { secret?: { name: string }; configMap?: { name: string } }[];
  };
}

export interface Selector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

/** A resource that runs pods. */
export interface Workload {
  manifest: Manifest;
  kind: 'Deployment' | 'StatefulSet' | 'Job' | 'CronJob';
  namespace: string;
  labels: Record<string, string>;
  pod: PodSpec;
  replicas: number | undefined;
  /** whether it runs indefinitely, rather than until it is done */
  runsOn: boolean;
  /** whether it is one of the four services */
  isService: boolean;
  /** whether it migrates the database of a service */
  isMigration: boolean;
  /** whether it makes synthetic payments */
  isProbe: boolean;
  /** the service itself, or the service of a migration; empty for others */
  service: string;
}

interface Template {
  metadata?: { labels?: Record<string, string> };
  spec: PodSpec;
}

const SERVICES = new Set<string>(services);

/** Returns the spec of a resource, in the form of its kind. */
export function specOf<Spec>(manifest: Manifest & { spec?: Spec }): Spec {
  return manifest.spec as Spec;
}

export function ofKind(manifests: readonly Manifest[], ...kinds: string[]): Manifest[] {
  return manifests.filter(({ kind }) => kinds.includes(kind));
}

/** Returns all manifests that run pods. */
export function workloadsOf(manifests: readonly Manifest[]): Workload[] {
  return ofKind(manifests, 'Deployment', 'StatefulSet', 'Job', 'CronJob').map((manifest) => {
    const kind = manifest.kind as Workload['kind'];
    const spec = specOf<{
      replicas?: number;
      template?: Template;
      jobTemplate?: { spec: { template: Template } };
    }>(manifest);
    const template = kind === 'CronJob' ? spec.jobTemplate!.spec.template : spec.template!;
    const labels = template.metadata?.labels ?? {};
    const name = labels['app.kubernetes.io/name'] ?? '';
    const isService = kind === 'Deployment' && SERVICES.has(name);
    const isMigration = kind === 'Job' && labels['tallystick/part'] === 'migration';
    return {
      manifest,
      kind,
      namespace: manifest.metadata.namespace ?? 'default',
      labels,
      pod: template.spec,
      replicas: spec.replicas,
      runsOn: kind === 'Deployment' || kind === 'StatefulSet',
      isService,
      isMigration,
      isProbe: kind === 'CronJob' && labels['tallystick/part'] === 'probe',
      service: isService ? name : isMigration ? (labels['tallystick/of'] ?? '') : '',
    };
  });
}

export function containersOf({ pod }: Workload): Container[] {
  return [...(pod.initContainers ?? []), ...pod.containers];
}

/** Whether a label selector matches these labels; an empty selector matches all. */
export function selects(selector: Selector | undefined, labels: Record<string, string>): boolean {
  if (selector === undefined) return false;
  const byLabel = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  const byExpression = (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels[key];
    if (operator === 'In') return value !== undefined && values.includes(value);
    if (operator === 'NotIn') return value === undefined || !values.includes(value);
    return operator === 'Exists' ? value !== undefined : value === undefined;
  });
  return byLabel && byExpression;
}
