import type { Rule } from '../manifest.ts';
import { containersOf, ofKind, specOf, workloadsOf } from '../workload.ts';

/** Label of a namespace that names the enforced Pod Security Standard. */
const LEVEL = 'pod-security.kubernetes.io/enforce';

/** Requires Kubernetes' Pod Security Standard "restricted", and its label on each namespace that has pods. */
export const podSecurity: Rule = {
  name: 'pod-security',
  states: 'each pod meets the Pod Security Standard "restricted", and its namespace enforces it',
  check(manifests) {
    const workloads = workloadsOf(manifests);
    const namespaces = new Set(workloads.map(({ namespace }) => namespace));
    const unlabelled = ofKind(manifests, 'Namespace')
      .filter(({ metadata: { name, labels } }) => namespaces.has(name) && labels[LEVEL] !== 'restricted')
      .map((on) => ({ on, message: `must have the label ${LEVEL}: restricted` }));
    const open = workloads.flatMap((workload) => {
      const { manifest: on, pod, isService, isMigration } = workload;
      const violations: string[] = [];
      if (pod.hostNetwork === true || pod.hostPID === true || pod.hostIPC === true)
        violations.push('must not share a namespace of the node');
      if ((pod.volumes ?? []).some(({ hostPath }) => hostPath !== undefined))
        violations.push('must not mount a path of the node');
      for (const { name, securityContext: own = {} } of containersOf(workload)) {
        const context = { ...pod.securityContext, ...own };
        if (context.runAsNonRoot !== true) violations.push(`${name}: runAsNonRoot must be true`);
        if (context.runAsUser === undefined || context.runAsUser === 0)
          violations.push(`${name}: runAsUser must be a number other than 0`);
        if (context.seccompProfile?.type !== 'RuntimeDefault')
          violations.push(`${name}: seccompProfile must be RuntimeDefault`);
        if (own.privileged === true) violations.push(`${name}: must not be privileged`);
        if (own.allowPrivilegeEscalation !== false)
          violations.push(`${name}: allowPrivilegeEscalation must be false`);
        if (own.capabilities?.drop?.includes('ALL') !== true || (own.capabilities.add ?? []).length > 0)
          violations.push(`${name}: capabilities must drop ALL and add none`);
        if ((isService || isMigration) && own.readOnlyRootFilesystem !== true)
          violations.push(`${name}: readOnlyRootFilesystem must be true`);
      }
      return violations.map((message) => ({ on, message }));
    });
    return [...unlabelled, ...open];
  },
};

/** Requires a separate account for each workload, without a token that a compromised workload could use. */
export const serviceAccounts: Rule = {
  name: 'service-account',
  states: 'each workload has a separate ServiceAccount, and does not mount its token',
  check(manifests) {
    const accounts = ofKind(manifests, 'ServiceAccount');
    const owners = Map.groupBy(
      workloadsOf(manifests),
      ({ namespace, pod }) => `${namespace}/${pod.serviceAccountName ?? 'default'}`,
    );
    return [...owners].flatMap(([key, workloads]) => {
      const account = accounts.find(
        ({ metadata: { name, namespace } }) => `${namespace ?? 'default'}/${name}` === key,
      );
      const [first] = workloads;
      const violations = workloads
        .filter(({ pod }) => pod.automountServiceAccountToken !== false)
        .map(({ manifest: on }) => ({ on, message: 'automountServiceAccountToken must be false' }));
      if (account === undefined)
        violations.push({ on: first!.manifest, message: `no manifest defines the ServiceAccount ${key}` });
      if (workloads.length > 1)
        violations.push({ on: workloads[1]!.manifest, message: `shares the ServiceAccount ${key}` });
      return violations;
    });
  },
};

/** Requires a minimum and a maximum of resources for each pod. */
export const resources: Rule = {
  name: 'resources',
  states: 'each container has requests and limits of CPU and memory',
  check: (manifests) =>
    workloadsOf(manifests).flatMap((workload) =>
      containersOf(workload).flatMap(({ name, resources }) =>
        (['requests', 'limits'] as const).flatMap((side) =>
          ['cpu', 'memory']
            .filter((what) => resources?.[side]?.[what] === undefined)
            .map((what) => ({
              on: workload.manifest,
              message: `${name}: resources.${side}.${what} is missing`,
            })),
        ),
      ),
    ),
};

/** Requires an order in which pods are evicted from a full node. */
export const priority: Rule = {
  name: 'priority',
  states: 'each pod has a PriorityClass that the manifests define',
  check(manifests) {
    const classes = new Set(ofKind(manifests, 'PriorityClass').map(({ metadata: { name } }) => name));
    return workloadsOf(manifests)
      .filter(({ pod }) => !classes.has(pod.priorityClassName ?? ''))
      .map(({ manifest: on, pod }) => ({
        on,
        message:
          pod.priorityClassName === undefined
            ? 'priorityClassName is missing'
            : `no manifest defines the PriorityClass ${pod.priorityClassName}`,
      }));
  },
};

/** Refuses the variables that Kubernetes adds for each Service, which could be mistaken for settings. */
export const serviceLinks: Rule = {
  name: 'service-links',
  states: 'no pod gets the addresses of Services as environment variables, because settings are read there',
  check: (manifests) =>
    workloadsOf(manifests)
      .filter(({ pod }) => pod.enableServiceLinks !== false)
      .map(({ manifest: on }) => ({ on, message: 'enableServiceLinks must be false' })),
};

/** Requires that one autoscaler sets the number of replicas of each service. */
export const autoscaling: Rule = {
  name: 'autoscaling',
  states: 'each service has one autoscaler, and its Deployment sets no number of replicas',
  check(manifests) {
    const targets = ofKind(manifests, 'HorizontalPodAutoscaler', 'ScaledObject').map((scaler) => {
      const { scaleTargetRef } = specOf<{ scaleTargetRef: { kind?: string; name: string } }>(scaler);
      return `${scaler.metadata.namespace}/${scaleTargetRef.kind ?? 'Deployment'}/${scaleTargetRef.name}`;
    });
    return workloadsOf(manifests)
      .filter(({ isService }) => isService)
      .flatMap(({ manifest: on, namespace, kind, replicas }) => {
        const scalers = targets.filter((one) => one === `${namespace}/${kind}/${on.metadata.name}`).length;
        return [
          ...(scalers === 1 ? [] : [{ on, message: `has ${scalers} autoscalers, but must have one` }]),
          ...(replicas === undefined ? [] : [{ on, message: 'replicas must be set by the autoscaler only' }]),
        ];
      });
  },
};
