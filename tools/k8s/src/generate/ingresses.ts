import { services, type ServiceName } from '@tallystick/contracts';
import { audiencesOf, routedPaths, type Audience } from './audience-paths.ts';

/** The domain of the example hosts; an overlay replaces them by the hosts of its origins. */
const EXAMPLE_DOMAIN = 'tallystick.example.com';
const NGINX = 'nginx.ingress.kubernetes.io';

/**
 * Returns two `Ingress`es for each service. The one of customers routes the operations that they may call and auth's
 * pages; the one of operators routes the operations that are theirs alone and the health of the service. Any other path
 * leads nowhere. The console has one of operators only, who reach all of it.
 */
export function ingresses(): object[] {
  return services.flatMap((service) => audiencesOf(service).map((audience) => ingress(service, audience)));
}

function ingress(service: ServiceName, audience: Audience): object {
  const name = audience === 'customers' ? service : `${service}-operators`;
  const host = [service, ...(audience === 'customers' ? [] : ['operators']), EXAMPLE_DOMAIN].join('.');
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      namespace: 'tallystick',
      labels: {
        'app.kubernetes.io/name': 'edge',
        'app.kubernetes.io/part-of': 'tallystick',
        'tallystick/audience': audience,
      },
      annotations: {
        'cert-manager.io/issuer': 'public',
        [`${NGINX}/use-regex`]: 'true',
        ...verifiedTls(service),
      },
    },
    spec: {
      ingressClassName: 'nginx',
      tls: [{ secretName: `${name}-edge-certificate`, hosts: [host] }],
      rules: [
        {
          host,
          http: {
            paths: routedPaths(service, audience).map((path) => ({
              path,
              pathType: 'ImplementationSpecific',
              backend: { service: { name: service, port: { name: 'https' } } },
            })),
          },
        },
      ],
    },
  };
}

/** Returns the annotations by which the controller speaks TLS 1.3 to a service and verifies its certificate. */
function verifiedTls(service: ServiceName): Record<string, string> {
  return {
    [`${NGINX}/backend-protocol`]: 'HTTPS',
    [`${NGINX}/proxy-ssl-secret`]: 'tallystick/edge-client',
    [`${NGINX}/proxy-ssl-verify`]: 'on',
    [`${NGINX}/proxy-ssl-name`]: `${service}.tallystick.svc`,
    [`${NGINX}/proxy-ssl-server-name`]: 'on',
    // The controller's default is 1.2, which the services do not accept.
    [`${NGINX}/proxy-ssl-protocols`]: 'TLSv1.3',
  };
}
