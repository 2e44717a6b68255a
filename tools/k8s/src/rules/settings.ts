import type { Manifest, Rule } from '../manifest.ts';
import { ofKind, workloadsOf, type Container } from '../workload.ts';

/** The variables that a program reads from its environment. */
export interface ProgramSettings {
  required: readonly string[];
  optional: readonly string[];
}

/** Variables that infra/docker/Dockerfile sets. */
const OF_IMAGE = ['PORT', 'LISTEN_HOST', 'NODE_ENV', 'OTEL_SERVICE_NAME'];

/** The location of a database: its URL, or a file that contains it. */
const DATABASE = ['POSTGRES_URL', 'POSTGRES_URL_FILE'];

/**
 * Requires that each mandatory setting is given, that each given setting is read, and that files are on a volume. This
 * covers services, their migrations and the probe.
 * @param ofService by the name of the service
 */
export function settingsRule(
  ofService: ReadonlyMap<string, ProgramSettings>,
  ofMigration: ProgramSettings,
  ofProbe: ProgramSettings,
): Rule {
  return {
    name: 'settings',
    states:
      'a service, its migration and the probe get exactly the settings that they read, and the paths of files are in mounted volumes',
    check: (manifests) =>
      workloadsOf(manifests)
        .filter(({ isService, isMigration, isProbe }) => isService || isMigration || isProbe)
        .flatMap(({ manifest: on, namespace, service, isMigration, isProbe, pod }) => {
          const settings = isProbe ? ofProbe : isMigration ? ofMigration : ofService.get(service);
          if (settings === undefined) return [{ on, message: `${service} has no known settings` }];
          const [container] = pod.containers;
          const given = environmentOf(container!, namespace, manifests);
          const known = new Set([...settings.required, ...settings.optional, ...OF_IMAGE]);
          const mounts = (container!.volumeMounts ?? []).map(({ mountPath }) => `${mountPath}/`);
          const places = DATABASE.filter((name) => given.has(name));
          return [
            ...(places.length === 1 || isProbe
              ? []
              : [{ on, message: `must have one of ${DATABASE.join(' and ')}, but has ${places.length}` }]),
            ...settings.required
              .filter((name) => !given.has(name) && !OF_IMAGE.includes(name))
              .map((name) => ({ on, message: `${name} is not set` })),
            ...[...given.keys()]
              .filter((name) => !known.has(name) && !isPart(name, given))
              .map((name) => ({ on, message: `${name} is not a setting of ${service || 'this program'}` })),
            ...[...given]
              .filter(
                ([name, value]) => name.endsWith('_FILE') && !mounts.some((mount) => value.startsWith(mount)),
              )
              .map(([name, value]) => ({ on, message: `${name}: no volume is mounted at ${value}` })),
          ];
        }),
  };
}

/** Whether a variable is only used as a part of another, as `$(NAME)`. */
function isPart(name: string, given: ReadonlyMap<string, string>): boolean {
  return [...given.values()].some((value) => value.includes(`$(${name})`));
}

/** Returns the variables of a container, including those from ConfigMaps; values from a Secret are empty. */
export function environmentOf(
  { env = [], envFrom = [] }: Container,
  namespace: string,
  manifests: readonly Manifest[],
): Map<string, string> {
  const configMaps = ofKind(manifests, 'ConfigMap');
  const from = envFrom.flatMap(({ configMapRef }) => {
    const found = configMaps.find(
      ({ metadata }) => metadata.namespace === namespace && metadata.name === configMapRef?.name,
    );
    return Object.entries((found as { data?: Record<string, string> } | undefined)?.data ?? {});
  });
  return new Map([...from, ...env.map(({ name, value = '' }) => [name, value] as const)]);
}
