import type { Rule } from '../manifest.ts';
import { ofKind, selects, specOf, workloadsOf, type Probe, type Selector } from '../workload.ts';

/** `STOP_TIMEOUT_MS` of packages/service: a service that hangs during its stop ends after this time. */
const SERVICE_STOP_S = 20;
/** Additional time that the kubelet needs. */
const SPARE_S = 5;
/** Longest time until routes drop a pod. */
const PRE_STOP_MIN_S = 3;

/** Requires that each probe queries its matching health endpoint. */
export const probes: Rule = {
  name: 'probes',
  states:
    'each long-running container has startup, readiness and liveness probes; readiness of a service uses /health/ready, the others /health/live',
  check: (manifests) =>
    workloadsOf(manifests)
      .filter(({ runsOn }) => runsOn)
      .flatMap(({ manifest: on, pod, isService }) =>
        pod.containers.flatMap((container) =>
          (['startupProbe', 'readinessProbe', 'livenessProbe'] as const).flatMap((kind) => {
            const probe = container[kind];
            if (probe === undefined) return [{ on, message: `${container.name}: ${kind} is missing` }];
            const path = kind === 'readinessProbe' ? '/health/ready' : '/health/live';
            return !isService || asks(probe, path)
              ? []
              : [{ on, message: `${container.name}: ${kind} must use ${path}` }];
          }),
        ),
      ),
};

function asks({ httpGet, exec }: Probe, path: string): boolean {
  return httpGet?.path === path || exec?.command?.join(' ') === `node runtime/health.js ${path}`;
}

/** Requires that a node can be drained, one pod of a workload at a time. */
export const disruption: Rule = {
  name: 'disruption',
  states: 'each long-running workload has one PodDisruptionBudget, which allows the eviction of one pod',
  check(manifests) {
    const budgets = ofKind(manifests, 'PodDisruptionBudget');
    return workloadsOf(manifests)
      .filter(({ runsOn }) => runsOn)
      .flatMap(({ manifest: on, namespace, labels }) => {
        const own = budgets.filter(
          (budget) =>
            budget.metadata.namespace === namespace &&
            selects(specOf<{ selector?: Selector }>(budget).selector, labels),
        );
        if (own.length !== 1)
          return [{ on, message: `has ${own.length} PodDisruptionBudgets, but must have one` }];
        const { maxUnavailable } = specOf<{ maxUnavailable?: number | string }>(own[0]!);
        return maxUnavailable === undefined || maxUnavailable === 0 || maxUnavailable === '0%'
          ? [{ on: own[0]!, message: 'maxUnavailable must allow at least one pod' }]
          : [];
      });
  },
};

/** Requires that a failed node or zone affects as few pods as possible. */
export const spread: Rule = {
  name: 'spread',
  states: 'pods of a workload are spread over nodes, and pods of a service also over zones',
  check: (manifests) =>
    workloadsOf(manifests)
      .filter(({ runsOn }) => runsOn)
      .flatMap(({ manifest: on, pod, labels, isService }) => {
        const keys = new Set(
          (pod.topologySpreadConstraints ?? [])
            .filter(
              ({ labelSelector }) =>
                Object.keys(labelSelector?.matchLabels ?? {}).length > 0 && selects(labelSelector, labels),
            )
            .map(({ topologyKey }) => topologyKey),
        );
        return ['kubernetes.io/hostname', ...(isService ? ['topology.kubernetes.io/zone'] : [])]
          .filter((key) => !keys.has(key))
          .map((key) => ({ on, message: `no topologySpreadConstraint spreads its pods over ${key}` }));
      }),
};

/** Requires that a terminated pod can finish its accepted work. */
export const termination: Rule = {
  name: 'termination',
  states: 'a service has more time to stop than it needs, and stops after no route leads to it',
  check: (manifests) =>
    workloadsOf(manifests)
      .filter(({ isService }) => isService)
      .flatMap(({ manifest: on, pod }) => {
        const sleepS = Math.max(
          0,
          ...pod.containers.map(({ lifecycle }) => lifecycle?.preStop?.sleep?.seconds ?? 0),
        );
        const graceS = pod.terminationGracePeriodSeconds ?? 30;
        const neededS = sleepS + SERVICE_STOP_S + SPARE_S;
        return [
          ...(sleepS < PRE_STOP_MIN_S
            ? [
                {
                  on,
                  message: `preStop must sleep at least ${PRE_STOP_MIN_S} s, until no route leads to the pod`,
                },
              ]
            : []),
          ...(graceS < neededS
            ? [{ on, message: `terminationGracePeriodSeconds is ${graceS}, but must be at least ${neededS}` }]
            : []),
        ];
      }),
};
