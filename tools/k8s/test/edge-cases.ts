import type { Manifest } from '../src/manifest.ts';
import { broken, container, payment, without, type Case, type Loose } from './sound.ts';

const NGINX = 'nginx.ingress.kubernetes.io/';

/** Returns a copy with the settings of the ingress controller broken, by their names without a prefix. */
const ofController =
  (name: string) =>
  (breakIt: (settings: Loose) => void): Manifest[] =>
    broken('Ingress', name, (one) => {
      const settings: Loose = {};
      for (const [key, value] of Object.entries(one.metadata.annotations))
        settings[key.replace(NGINX, '')] = value;
      breakIt(settings);
      one.metadata.annotations = Object.fromEntries(
        Object.entries(settings).map(([key, value]) => [NGINX + key, value]),
      );
    });
const customers = ofController('payment');
const operators = ofController('payment-operators');

/** Returns a copy in which an Ingress routes a further path. */
const routed = (name: string, path: string, more: (paths: Loose[]) => void = () => {}): Manifest[] =>
  broken('Ingress', name, (one) => {
    const { paths } = one.spec.rules[0].http;
    paths.push({ ...paths[0], path });
    more(paths);
  });

/** Violations on the way from the internet to a service. */
export const edgeCases: readonly Case[] = [
  [
    'transport',
    'TLS_CERTIFICATE_FILE is not set',
    broken('ConfigMap', 'payment-abcdef0123', (one) => delete one.data.TLS_CERTIFICATE_FILE),
  ],
  [
    'transport',
    'service: readinessProbe must use the scheme HTTPS',
    payment((one) => delete container(one).readinessProbe.httpGet.scheme),
  ],
  [
    'transport',
    'the appProtocol of each port but that of metrics must be https',
    broken('Service', 'payment', (one) => (one.spec.ports[0].appProtocol = 'http')),
  ],
  [
    'transport',
    'has no certificate for payment.tallystick.svc',
    broken('Certificate', 'payment-server', (one) => (one.spec.dnsNames = ['pay.tallystick.svc'])),
  ],
  ['transport', 'backend-protocol must be HTTPS', customers((one) => delete one['backend-protocol'])],
  ['transport', 'proxy-ssl-verify must be on', customers((one) => delete one['proxy-ssl-verify'])],
  [
    'transport',
    'proxy-ssl-name must be payment.tallystick.svc',
    customers((one) => (one['proxy-ssl-name'] = 'account.tallystick.svc')),
  ],
  ['transport', 'proxy-ssl-protocols must be TLSv1.3', customers((one) => delete one['proxy-ssl-protocols'])],
  [
    'transport',
    'proxy-ssl-secret must name the Secret of a Certificate',
    without('Certificate', 'edge-client'),
  ],
  [
    'edge',
    'OPERATOR_URL must be set, with another host than PUBLIC_URL',
    broken('ConfigMap', 'payment-abcdef0123', (one) => delete one.data.OPERATOR_URL),
  ],
  [
    'edge',
    'OPERATOR_URL must be set, with another host than PUBLIC_URL',
    broken('ConfigMap', 'payment-abcdef0123', (one) => (one.data.OPERATOR_URL = one.data.PUBLIC_URL)),
  ],
  ...['/', '/health', '/HEALTH/READY', '/.*'].map((path): Case => [
    'edge',
    'payment.example.com must not route /health/ready',
    routed('payment', path),
  ]),
  ['edge', 'payment.example.com must not route /v1/audit-entries', routed('payment', '/v1/[^/]+$')],
  ['edge', 'payment.operators.example.com must not route /v1/payments', routed('payment-operators', '/v1/')],
  [
    'edge',
    'no Ingress routes /v2/payments at payment.example.com',
    routed('payment', '/v1/payments', (paths) => paths.shift()),
  ],
  [
    'edge',
    'no Ingress routes /v1/audit-entries at payment.operators.example.com',
    without('Ingress', 'payment-operators'),
  ],
  ...[undefined, '', '192.0.2.0/24, 0.0.0.0/0'].map((ranges): Case => [
    'edge',
    'must limit clients by whitelist-source-range or by their certificate',
    operators((one) => {
      if (ranges === undefined) delete one['whitelist-source-range'];
      else one['whitelist-source-range'] = ranges;
    }),
  ]),
];
