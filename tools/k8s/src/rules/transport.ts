import { controllerSetting, routesOf, servicesOf } from '../ingress.ts';
import type { Manifest, Rule } from '../manifest.ts';
import { ofKind, specOf, workloadsOf, type Workload } from '../workload.ts';
import { environmentOf } from './settings.ts';

const SETTINGS = ['TLS_CERTIFICATE_FILE', 'TLS_KEY_FILE'];
const PROBES = ['startupProbe', 'readinessProbe', 'livenessProbe'] as const;

interface Fault {
  on: Manifest;
  message: string;
}

/** Requires that HTTP is encrypted up to the process of a service, and that the edge verifies whom it speaks to. */
export const transport: Rule = {
  name: 'transport',
  states:
    'HTTP to a service is TLS: it has a certificate for the name of its Service, and probes, Services and Ingresses use HTTPS; an Ingress verifies the certificate',
  check: (manifests) =>
    workloadsOf(manifests)
      .filter(({ isService }) => isService)
      .flatMap((workload) => [
        ...atTheService(workload, manifests),
        ...servicesOf(workload, manifests).flatMap((service) => [
          ...atItsAddress(service),
          ...certificateFaults(workload, service, manifests),
          ...atTheEdge(service, manifests),
        ]),
      ]),
};

function atTheService({ manifest: on, namespace, pod }: Workload, manifests: readonly Manifest[]): Fault[] {
  const [container] = pod.containers;
  const given = environmentOf(container!, namespace, manifests);
  return [
    ...SETTINGS.filter((name) => !given.has(name)).map((name) => `${name} is not set`),
    ...PROBES.filter((kind) => {
      const httpGet = container![kind]?.httpGet;
      return httpGet !== undefined && httpGet.scheme !== 'HTTPS';
    }).map((kind) => `${container!.name}: ${kind} must use the scheme HTTPS`),
  ].map((message) => ({ on, message }));
}

function atItsAddress(on: Manifest): Fault[] {
  const { ports = [] } = specOf<{ ports?: { appProtocol?: string; targetPort?: string | number }[] }>(on);
  // Metrics have no secret, and Prometheus reads them from the pods without TLS too.
  return ports.every(({ appProtocol, targetPort }) => appProtocol === 'https' || targetPort === 'metrics')
    ? []
    : [{ on, message: 'the appProtocol of each port but that of metrics must be https' }];
}

/** The certificate of a Secret that the manifests contain was made for the tools of the project, which verify it. */
function certificateFaults(
  { manifest: on, pod, namespace }: Workload,
  service: Manifest,
  manifests: readonly Manifest[],
): Fault[] {
  const [container] = pod.containers;
  const file = environmentOf(container!, namespace, manifests).get('TLS_CERTIFICATE_FILE') ?? '';
  const mount = container!.volumeMounts?.find(({ mountPath }) => file.startsWith(`${mountPath}/`));
  const secret = pod.volumes?.find(({ name }) => name === mount?.name)?.secret?.secretName;
  const name = nameOfService(service);
  const isIssued = ofKind(manifests, 'Certificate').some((certificate) => {
    const { secretName, dnsNames = [] } = specOf<{ secretName: string; dnsNames?: string[] }>(certificate);
    return secretName === secret && dnsNames.includes(name);
  });
  const isGenerated = ofKind(manifests, 'Secret').some(({ metadata }) => metadata.name === secret);
  return isIssued || isGenerated ? [] : [{ on, message: `has no certificate for ${name}` }];
}

function atTheEdge(service: Manifest, manifests: readonly Manifest[]): Fault[] {
  const { name, namespace } = service.metadata;
  const required = [
    ['backend-protocol', 'HTTPS'],
    ['proxy-ssl-verify', 'on'],
    ['proxy-ssl-name', nameOfService(service)],
    // The default of the controller is TLS 1.2, which a service does not accept.
    ['proxy-ssl-protocols', 'TLSv1.3'],
  ] as const;
  const certificates = new Set(
    ofKind(manifests, 'Certificate').map(
      (one) => `${one.metadata.namespace}/${specOf<{ secretName: string }>(one).secretName}`,
    ),
  );
  const ingresses = new Set(
    routesOf(manifests)
      .filter((route) => route.service === name && route.on.metadata.namespace === namespace)
      .map(({ on }) => on),
  );
  return [...ingresses].flatMap((on) => [
    ...required
      .filter(([setting, value]) => controllerSetting(on, setting) !== value)
      .map(([setting, value]) => ({ on, message: `${setting} must be ${value}` })),
    ...(certificates.has(controllerSetting(on, 'proxy-ssl-secret') ?? '')
      ? []
      : [{ on, message: 'proxy-ssl-secret must name the Secret of a Certificate' }]),
  ]);
}

function nameOfService({ metadata: { name, namespace } }: Manifest): string {
  return `${name}.${namespace}.svc`;
}
