import type { Rule } from '../manifest.ts';
import { imageNameOf } from '../images/named-images.ts';
import { ofKind, workloadsOf } from '../workload.ts';
import { environmentOf } from './settings.ts';
import { referencesOf } from './configuration.ts';

/** Requires separate migrations: a service that owns its database could rewrite its history. */
export const migrations: Rule = {
  name: 'migrations',
  states:
    'each service awaits a migration of the same release, and does not read the secret of its database owner',
  check(manifests) {
    const workloads = workloadsOf(manifests);
    const jobs = workloads.filter(({ isMigration }) => isMigration);
    const authorities = new Set(ofKind(manifests, 'Certificate').map(secretOf));
    const owners = new Set(
      jobs.flatMap(referencesOf).filter((name) => name.startsWith('Secret ') && !authorities.has(name)),
    );
    return workloads
      .filter(({ isService }) => isService)
      .flatMap((workload) => {
        const { manifest: on, namespace, service, pod } = workload;
        const own = jobs.find((job) => job.service === service && job.namespace === namespace);
        const { image = '' } = pod.containers[0]!;
        const environment = environmentOf(pod.containers[0]!, namespace, manifests);
        return [
          ...(environment.get('MIGRATIONS') === 'await' ? [] : [{ on, message: 'MIGRATIONS must be await' }]),
          ...(own === undefined ? [{ on, message: 'has no Job that migrates its database' }] : []),
          ...(own !== undefined && own.pod.containers[0]!.image !== image
            ? [{ on: own.manifest, message: `must run the image of its service, ${image}` }]
            : []),
          ...(own !== undefined && !own.manifest.metadata.name.endsWith(`-${imageNameOf(image)?.tag}`)
            ? [{ on: own.manifest, message: 'must have a name that ends with the tag of its image' }]
            : []),
          ...referencesOf(workload)
            .filter((name) => owners.has(name))
            .map((name) => ({ on, message: `must not read the ${name} of the database owner` })),
        ];
      });
  },
};

/** The Secret that cert-manager creates is the database's own certificate, which every client must know. */
function secretOf(certificate: object): string {
  return `Secret ${(certificate as { spec: { secretName: string } }).spec.secretName}`;
}
