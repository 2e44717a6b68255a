import type { Manifest } from './manifest.ts';
import { ofKind, selects, specOf, type Workload } from './workload.ts';

const NGINX = 'nginx.ingress.kubernetes.io/';

interface IngressSpec {
  rules?: {
    host?: string;
    http?: { paths: { path?: string; pathType: string; backend: { service?: { name: string } } }[] };
  }[];
}

/** A path of a host that an Ingress routes to a Service. */
export interface Route {
  on: Manifest;
  host: string;
  service: string;
  /** Whether it routes a request for this path, which the controller compares in any case of letters. */
  routes(path: string): boolean;
}

/** Returns a setting of the ingress controller: an annotation of ingress-nginx. */
export function controllerSetting({ metadata }: Manifest, name: string): string | undefined {
  return metadata.annotations[NGINX + name];
}

/** Returns every route of these manifests, as ingress-nginx reads them. */
export function routesOf(manifests: readonly Manifest[]): Route[] {
  const paths = ofKind(manifests, 'Ingress').flatMap((on) =>
    (specOf<IngressSpec>(on).rules ?? []).flatMap(({ host = '', http }) =>
      (http?.paths ?? []).map((one) => ({ on, host, ...one })),
    ),
  );
  // With the setting on any Ingress of a host, each path of this host is a regular expression.
  const byPattern = new Set(
    paths.filter(({ on }) => controllerSetting(on, 'use-regex') === 'true').map(({ host }) => host),
  );
  return paths.map(({ on, host, path = '/', pathType, backend }) => ({
    on,
    host,
    service: backend.service?.name ?? '',
    routes: matcherOf(path, byPattern.has(host) ? 'pattern' : pathType),
  }));
}

function matcherOf(path: string, pathType: string): Route['routes'] {
  if (pathType === 'pattern') {
    const pattern = new RegExp(`^${path}`, 'i');
    return (asked) => pattern.test(asked);
  }
  if (pathType === 'Exact') return (asked) => asked === path;
  const folder = path.endsWith('/') ? path : `${path}/`;
  return (asked) => asked === path || asked.startsWith(folder);
}

/** Returns the Services that send requests to the pods of a workload. */
export function servicesOf({ namespace, labels }: Workload, manifests: readonly Manifest[]): Manifest[] {
  return ofKind(manifests, 'Service').filter((service) => {
    const { selector } = specOf<{ selector?: Record<string, string> }>(service);
    return (
      service.metadata.namespace === namespace &&
      selector !== undefined &&
      selects({ matchLabels: selector }, labels)
    );
  });
}
