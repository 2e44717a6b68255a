import type { Manifest, Rule } from '../manifest.ts';
import { ofKind, selects, specOf, workloadsOf, type Selector } from '../workload.ts';

interface Peer {
  podSelector?: Selector;
  namespaceSelector?: Selector;
  ipBlock?: { cidr: string };
}

interface Opening {
  from?: Peer[];
  to?: Peer[];
  ports?: { port?: number | string }[];
}

interface PolicySpec {
  podSelector?: Selector;
  policyTypes?: string[];
  ingress?: Opening[];
  egress?: Opening[];
}

/** Requires that only connections named by a policy are open. */
export const networkDeny: Rule = {
  name: 'network-deny',
  states: 'in each namespace with pods a policy denies all traffic of all pods in both directions',
  check(manifests) {
    const policies = ofKind(manifests, 'NetworkPolicy');
    const denies = new Set(policies.filter(isDenial).map(({ metadata: { namespace } }) => namespace));
    const first = Map.groupBy(workloadsOf(manifests), ({ namespace }) => namespace);
    return [...first]
      .filter(([namespace]) => !denies.has(namespace))
      .map(([namespace, [one]]) => ({
        on: one!.manifest,
        message: `the namespace ${namespace} has no NetworkPolicy that denies Ingress and Egress of all pods`,
      }));
  },
};

function isDenial(policy: Manifest): boolean {
  const { podSelector, policyTypes = [], ingress = [], egress = [] } = specOf<PolicySpec>(policy);
  const selectsAll =
    Object.keys(podSelector?.matchLabels ?? {}).length === 0 &&
    (podSelector?.matchExpressions ?? []).length === 0;
  return (
    selectsAll &&
    policyTypes.includes('Ingress') &&
    policyTypes.includes('Egress') &&
    ingress.length === 0 &&
    egress.length === 0
  );
}

/** Requires that each opening names its peers and ports. */
export const networkNarrow: Rule = {
  name: 'network-narrow',
  states: 'a policy that allows traffic names peers and ports',
  check: (manifests) =>
    ofKind(manifests, 'NetworkPolicy').flatMap((on) => {
      const { ingress = [], egress = [] } = specOf<PolicySpec>(on);
      return [...ingress, ...egress].flatMap(({ from, to, ports = [] }) => {
        const peers = from ?? to ?? [];
        const isWide = peers.length === 0 || peers.some(isAnybody);
        return [
          ...(isWide ? [{ on, message: 'a rule must name its peers, and must not allow all' }] : []),
          ...(ports.length === 0 || ports.some(({ port }) => port === undefined)
            ? [{ on, message: 'a rule must name its ports' }]
            : []),
        ];
      });
    }),
};

function isAnybody({ podSelector, namespaceSelector, ipBlock }: Peer): boolean {
  if (ipBlock !== undefined) return ipBlock.cidr.endsWith('/0');
  const isEmpty = (selector: Selector | undefined): boolean =>
    selector !== undefined && Object.keys(selector).length === 0;
  return isEmpty(namespaceSelector) && (podSelector === undefined || isEmpty(podSelector));
}

/** Requires both ends of each path: a path open at one end only results in a timeout. */
export const networkPaths: Rule = {
  name: 'network-paths',
  states: 'if a workload may send to another, the other may receive it',
  check(manifests) {
    const policies = ofKind(manifests, 'NetworkPolicy');
    const workloads = workloadsOf(manifests);
    return policies.flatMap((on) => {
      const { podSelector, egress = [] } = specOf<PolicySpec>(on);
      const home = on.metadata.namespace ?? 'default';
      const senders = workloads.filter(
        ({ namespace, labels }) => namespace === home && selects(podSelector, labels),
      );
      return egress.flatMap(({ to = [], ports = [] }) =>
        to.flatMap((peer) =>
          workloads
            .filter(({ namespace, labels }) => isPeer(peer, home, namespace, labels))
            .flatMap((receiver) =>
              senders
                .filter(
                  (sender) =>
                    sender !== receiver &&
                    !ports.every(({ port }) =>
                      policies.some((policy) =>
                        lets(
                          policy,
                          receiver.namespace,
                          receiver.labels,
                          sender.namespace,
                          sender.labels,
                          port,
                        ),
                      ),
                    ),
                )
                .map((sender) => ({
                  on,
                  message: `allows ${sender.manifest.metadata.name} to send to ${receiver.manifest.metadata.name}, but no policy allows the receiver to accept it`,
                })),
            ),
        ),
      );
    });
  },
};

function isPeer(peer: Peer, home: string, namespace: string, labels: Record<string, string>): boolean {
  const inNamespace =
    peer.namespaceSelector === undefined
      ? namespace === home
      : selects(peer.namespaceSelector, { 'kubernetes.io/metadata.name': namespace });
  return (
    peer.ipBlock === undefined &&
    inNamespace &&
    (peer.podSelector === undefined || selects(peer.podSelector, labels))
  );
}

/** Whether a policy permits traffic from the sender's pods to a port of the receiver's. */
function lets(
  policy: Manifest,
  receiverNamespace: string,
  receiver: Record<string, string>,
  senderNamespace: string,
  sender: Record<string, string>,
  port: number | string | undefined,
): boolean {
  const { podSelector, ingress = [] } = specOf<PolicySpec>(policy);
  if (policy.metadata.namespace !== receiverNamespace || !selects(podSelector, receiver)) return false;
  return ingress.some(
    ({ from = [], ports = [] }) =>
      ports.some((one) => one.port === port) &&
      from.some((peer) => isPeer(peer, receiverNamespace, senderNamespace, sender)),
  );
}
