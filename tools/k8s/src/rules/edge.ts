import { DOCUMENT_PATHS, PROTECTED_RESOURCE_PATH, services, type ServiceName } from '@tallystick/contracts';
import { audiencesOf, HEALTH_PATHS, operationPaths, type Audience } from '../generate/audience-paths.ts';
import { controllerSetting, routesOf, servicesOf, type Route } from '../ingress.ts';
import type { Manifest, Rule } from '../manifest.ts';
import { workloadsOf, type Workload } from '../workload.ts';
import { environmentOf } from './settings.ts';

/** Paths at which a service describes itself to everybody. */
const DESCRIPTIONS = [PROTECTED_RESOURCE_PATH, ...Object.values(DOCUMENT_PATHS)];
/** Paths of auth's pages and endpoints that a customer's browser or app calls. */
const PAGES = ['/login/id', '/oauth/token', '/.well-known/openid-configuration'];

interface Fault {
  on: Manifest;
  message: string;
}

/** Requires that the internet reaches only the operations of customers. */
export const edge: Rule = {
  name: 'edge',
  states:
    'the host of PUBLIC_URL routes the operations of customers and the pages; the host of OPERATOR_URL, or of the console, routes those of operators and health, and limits who connects',
  check(manifests) {
    const routes = routesOf(manifests);
    return workloadsOf(manifests)
      .filter(({ isService }) => isService)
      .flatMap((workload) => {
        const names = new Set(servicesOf(workload, manifests).map(({ metadata }) => metadata.name));
        const own = routes.filter(({ service, on }) => {
          return names.has(service) && on.metadata.namespace === workload.namespace;
        });
        return own.length === 0 ? [] : faultsOf(workload, own, manifests);
      });
  },
};

function faultsOf(workload: Workload, routes: readonly Route[], manifests: readonly Manifest[]): Fault[] {
  const { manifest: on, service, pod, namespace } = workload;
  const given = environmentOf(pod.containers[0]!, namespace, manifests);
  const audiences = audiencesOf(service);
  const hosts: Record<Audience, string> = {
    customers: hostOf(given.get('PUBLIC_URL')),
    // All of the console is for operators, so it has one origin.
    operators: hostOf(given.get(audiences.length === 1 ? 'PUBLIC_URL' : 'OPERATOR_URL')),
  };
  if (audiences.length > 1 && (hosts.operators === '' || hosts.operators === hosts.customers))
    return [{ on, message: 'OPERATOR_URL must be set, with another host than PUBLIC_URL' }];
  return [
    ...audiences.flatMap((audience) =>
      pathsFor(service, audience).flatMap((path) => [
        ...astray(path, hosts[audience], routes),
        ...(routes.some((route) => route.host === hosts[audience] && route.routes(path))
          ? []
          : [{ on, message: `no Ingress routes ${path} at ${hosts[audience]}` }]),
      ]),
    ),
    ...open(routes.filter(({ host }) => host === hosts.operators)),
  ];
}

function hostOf(url: string | undefined): string {
  return URL.parse(url ?? '')?.host ?? '';
}

/** Returns an example of each path that an audience calls. */
function pathsFor(service: string, audience: Audience): string[] {
  const paths = isService(service) ? operationPaths(service, audience) : [];
  return [
    ...paths.map((path) => path.replaceAll(/\{\w+\}/g, 'id')),
    ...(audience === 'operators' ? HEALTH_PATHS : isService(service) ? DESCRIPTIONS : []),
    ...(service === 'console' ? ['/', '/sign-in/callback'] : []),
    ...(audience === 'customers' && service === 'auth' ? PAGES : []),
  ];
}

function isService(name: string): name is ServiceName {
  return (services as readonly string[]).includes(name);
}

/** Faults of hosts that route a path of another audience, in any form in which a service would still serve it. */
function astray(path: string, host: string, routes: readonly Route[]): Fault[] {
  const forms = [path, path.toUpperCase(), `${path}/`];
  return routes
    .filter((route) => route.host !== host && forms.some((form) => route.routes(form)))
    .map((route) => ({ on: route.on, message: `${route.host || 'any host'} must not route ${path}` }));
}

/** Faults of Ingresses of operators that accept connections from everywhere. */
function open(routes: readonly Route[]): Fault[] {
  return [...new Set(routes.map(({ on }) => on))]
    .filter((on) => {
      const ranges = controllerSetting(on, 'whitelist-source-range')?.split(',') ?? [];
      const isNarrow = ranges.length > 0 && ranges.every((range) => !/(^\s*|\/0+\s*)$/.test(range));
      const isByCertificate =
        controllerSetting(on, 'auth-tls-secret') !== undefined &&
        controllerSetting(on, 'auth-tls-verify-client') === 'on';
      return !isNarrow && !isByCertificate;
    })
    .map((on) => ({ on, message: 'must limit clients by whitelist-source-range or by their certificate' }));
}
