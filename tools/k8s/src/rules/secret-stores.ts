import { services } from '@tallystick/contracts';
import type { Manifest, Rule } from '../manifest.ts';
import { ofKind, specOf, workloadsOf } from '../workload.ts';

interface StoreSpec {
  provider: {
    vault?: { auth?: { kubernetes?: { role?: string; serviceAccountRef?: { name: string } } } };
  };
}

interface ExternalSecretSpec {
  secretStoreRef?: { kind?: string; name?: string };
  data?: { remoteRef: { key: string } }[];
  dataFrom?: { extract?: { key: string }; find?: object }[];
}

/** `tallystick/payment` and `tallystick/payment-database` are entries of payment. The probe has an entry like a service. */
const ENTRY = new RegExp(`^tallystick/(?<service>${[...services, 'probe'].join('|')})(-[a-z]+)?$`);

/** Requires that access to the secrets of one service gives none to those of another. */
export const secretStores: Rule = {
  name: 'secret-stores',
  states:
    'each service and the probe has its own SecretStore, with a role and a ServiceAccount of its own, which reads the entries of this service alone',
  check(manifests) {
    const stores = ofKind(manifests, 'SecretStore');
    return [
      ...ofKind(manifests, 'ClusterSecretStore').map((on) => ({
        on,
        message: 'must be a SecretStore for each service',
      })),
      ...accessOf(stores, manifests),
      ...ofKind(manifests, 'ExternalSecret').flatMap((on) => entryFaults(on, stores)),
    ];
  },
};

function accessOf(
  stores: readonly Manifest[],
  manifests: readonly Manifest[],
): { on: Manifest; message: string }[] {
  const taken = new Set(workloadsOf(manifests).map(({ pod }) => pod.serviceAccountName));
  const seen = new Set<string>();
  return stores.flatMap((on) => {
    const { role, serviceAccountRef } = specOf<StoreSpec>(on).provider.vault?.auth?.kubernetes ?? {};
    const account = serviceAccountRef?.name;
    const isShared = seen.has(`role ${role}`) || seen.has(`account ${account}`);
    seen.add(`role ${role}`).add(`account ${account}`);
    return [
      ...(role === `tallystick-${on.metadata.name}`
        ? []
        : [{ on, message: `must use the role tallystick-${on.metadata.name} of the vault` }]),
      ...(account === undefined || isShared || taken.has(account)
        ? [{ on, message: 'must have a ServiceAccount that nothing else uses' }]
        : []),
    ];
  });
}

function entryFaults(on: Manifest, stores: readonly Manifest[]): { on: Manifest; message: string }[] {
  const { secretStoreRef, data = [], dataFrom = [] } = specOf<ExternalSecretSpec>(on);
  const store = secretStoreRef?.name;
  const keys = [
    ...data.map(({ remoteRef }) => remoteRef.key),
    ...dataFrom.map(({ extract }) => extract?.key),
  ];
  return [
    ...(stores.some(({ metadata }) => metadata.name === store)
      ? []
      : [{ on, message: `no manifest defines the SecretStore ${store}` }]),
    ...[...new Set(keys)]
      .filter((key) => ENTRY.exec(key ?? '')?.groups?.['service'] !== store)
      .map((key) => ({ on, message: `must not read ${key ?? 'by a search'} from the store ${store}` })),
  ];
}
